"""由 `tortoise makemigrations` 生成的迁移；手写的只有这一行。"""
