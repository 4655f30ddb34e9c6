"""通向 QQ 与微信的门；除 `bot/app.py` 与插件外，只有这里认识 NoneBot。"""
