"""全部表，一个主题一个文件。"""

from db.models.audit import Audit
from db.models.consents import Consent, Erasure
from db.models.contacts import Contact, ContactState, ContactTag
from db.models.groups import Group, GroupKind
from db.models.interactions import GroupCursor, GroupDay, GroupTrail, Interaction
from db.models.notices import Notice, NoticeState, Round
from db.models.persons import Account, BindCode, Cadre, CadreKind, Person, Role, RoleKind, Scope
from db.models.scores import Ranking, Score
from db.models.units import Unit, UnitKind
from db.models.voices import Voice, VoiceAction, VoiceEvent, VoiceKind, VoiceState
from db.models.wishes import Wish, WishAction, WishEnding, WishEvent, WishLane, WishState

__all__ = [
    "Account",
    "Audit",
    "BindCode",
    "Cadre",
    "CadreKind",
    "Consent",
    "Contact",
    "ContactState",
    "ContactTag",
    "Erasure",
    "Group",
    "GroupCursor",
    "GroupDay",
    "GroupKind",
    "GroupTrail",
    "Interaction",
    "Notice",
    "NoticeState",
    "Person",
    "Ranking",
    "Role",
    "RoleKind",
    "Round",
    "Scope",
    "Score",
    "Unit",
    "UnitKind",
    "Voice",
    "VoiceAction",
    "VoiceEvent",
    "VoiceKind",
    "VoiceState",
    "Wish",
    "WishAction",
    "WishEnding",
    "WishEvent",
    "WishLane",
    "WishState",
]
