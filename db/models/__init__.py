"""全部表，一个主题一个文件。"""

from db.models.absences import Absence, AbsenceKind
from db.models.activities import (
    Activity,
    ActivityKind,
    ActivityState,
    ActivityVersion,
    Campaign,
    CheckInCode,
    EvidenceGrade,
    Mode,
    Participation,
    PartState,
    Reach,
    Side,
    Slot,
)
from db.models.audit import Audit
from db.models.bulletins import Bulletin
from db.models.calendars import CalendarMark, MarkKind
from db.models.chains import ChainLink, ChainSalt
from db.models.checks import CheckAnswer, CheckKind, CheckRound, CheckSeal, CheckState, SpotCheck
from db.models.consents import Consent, Erasure
from db.models.contacts import Contact, ContactPast, ContactState, ContactTag, TagBatch, TagBatchState, TagChange
from db.models.evaluations import Eligibility, EligibilityState, Evaluation, EvaluationState, MaterialConsent
from db.models.five_ones import FiveOnes, Lead
from db.models.groups import Group, GroupKind
from db.models.guidances import Guidance, GuidanceItem, GuidanceTick
from db.models.handovers import AskState, Handover, HandoverAsk, HandoverState
from db.models.honours import Roll, RollKind
from db.models.incidents import Incident, Presence
from db.models.interactions import GroupCursor, GroupDay, GroupTrail, Interaction
from db.models.nominations import Nomination, NominationState
from db.models.notices import Notice, NoticeState, Round
from db.models.persons import Account, BindCode, Cadre, CadreKind, CadrePast, Person, Role, RoleKind, Scope
from db.models.pushes import Opinion, Push, PushReply, PushState, PushTarget, Subscription
from db.models.ratings import Rating, RatingAsk, RatingRound
from db.models.reports import ReportPart, ReportState, ReportText, ReportVersion, UnitReport
from db.models.scores import Ranking, Score
from db.models.stays import Scheme, Stay, StayDay, StayQuota, StayState, StayVersion
from db.models.studies import Study, StudyAction, StudyEvent, StudyState
from db.models.topics import Ballot, Poll, PollOption, PollState, Topic, TopicState, TopicVoice
from db.models.units import Unit, UnitKind
from db.models.voices import Voice, VoiceAction, VoiceEvent, VoiceKind, VoiceState
from db.models.wishes import Wish, WishAction, WishEnding, WishEvent, WishLane, WishState

__all__ = [
    "Absence",
    "AbsenceKind",
    "Account",
    "Activity",
    "ActivityKind",
    "ActivityState",
    "ActivityVersion",
    "AskState",
    "Audit",
    "Ballot",
    "BindCode",
    "Bulletin",
    "Cadre",
    "CadreKind",
    "CadrePast",
    "CalendarMark",
    "Campaign",
    "ChainLink",
    "ChainSalt",
    "CheckAnswer",
    "CheckInCode",
    "CheckKind",
    "CheckRound",
    "CheckSeal",
    "CheckState",
    "Consent",
    "Contact",
    "ContactPast",
    "ContactState",
    "ContactTag",
    "Eligibility",
    "EligibilityState",
    "Erasure",
    "Evaluation",
    "EvaluationState",
    "EvidenceGrade",
    "FiveOnes",
    "Group",
    "GroupCursor",
    "GroupDay",
    "GroupKind",
    "GroupTrail",
    "Guidance",
    "GuidanceItem",
    "GuidanceTick",
    "Handover",
    "HandoverAsk",
    "HandoverState",
    "Incident",
    "Interaction",
    "Lead",
    "MarkKind",
    "MaterialConsent",
    "Mode",
    "Nomination",
    "NominationState",
    "Notice",
    "NoticeState",
    "Opinion",
    "PartState",
    "Participation",
    "Person",
    "Poll",
    "PollOption",
    "PollState",
    "Presence",
    "Push",
    "PushReply",
    "PushState",
    "PushTarget",
    "Ranking",
    "Rating",
    "RatingAsk",
    "RatingRound",
    "Reach",
    "ReportPart",
    "ReportState",
    "ReportText",
    "ReportVersion",
    "Role",
    "RoleKind",
    "Roll",
    "RollKind",
    "Round",
    "Scheme",
    "Scope",
    "Score",
    "Side",
    "Slot",
    "SpotCheck",
    "Stay",
    "StayDay",
    "StayQuota",
    "StayState",
    "StayVersion",
    "Study",
    "StudyAction",
    "StudyEvent",
    "StudyState",
    "Subscription",
    "TagBatch",
    "TagBatchState",
    "TagChange",
    "Topic",
    "TopicState",
    "TopicVoice",
    "Unit",
    "UnitKind",
    "UnitReport",
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
