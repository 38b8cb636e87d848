"""What can go wrong in a community, as facts."""

from likewise.platform.errors import Conflict, Denied, NotFound, Rejected, Unavailable

__all__ = [
    "AttributeUnknown",
    "CommentNotFound",
    "CommentNotYours",
    "CommentRefused",
    "CommunityEmpty",
    "ExperienceNotFound",
    "ExperienceRefused",
    "GroupMissing",
    "HistoryTooLong",
    "NotHidden",
    "PartitionContended",
    "PersonNotFound",
    "PersonRefused",
    "PictureAddressStale",
    "PictureNotFound",
    "PictureRefused",
    "PicturesTooMany",
    "PlaceUnknown",
    "QuestionTooLong",
    "ReportRefused",
    "SubjectMalformed",
    "TooManyActs",
    "TooManyExperiences",
    "UserRefused",
    "WishRefused",
]


class CommunityEmpty(NotFound):
    """Nobody has told an experience yet, so there are no patterns. Experiences arrive by `likewise community load FILE`
    or POST /api/v1/community/experiences."""


class GroupMissing(Rejected):
    """Say whose pattern is wanted: name one of segment, category, first and last, place."""


class PersonNotFound(NotFound):
    """Nobody called {user!r} has told, said or turned to anything here yet."""


class CommentNotFound(NotFound):
    """There is no comment {id}. It may have been taken back, or hidden."""


class CommentNotYours(Denied):
    """Comment {id} is not by {author!r}; only who wrote it may change it or take it back."""


class CommentRefused(Rejected):
    """The comment cannot be taken: {reason}."""


class ExperienceNotFound(NotFound):
    """There is no experience {id}. It may have been deleted, hidden, or kept private by who told it."""


class NotHidden(Conflict):
    """{id} is not hidden. To dismiss reports and keep the rule on reports from hiding it, clear it."""


class PictureNotFound(NotFound):
    """There is no picture {id}. It may have been deleted with its experience."""


class PictureAddressStale(NotFound):
    """There is no picture at this address, its time is over, or its experience is shown to nobody now. The experience
    has its addresses."""


class PictureRefused(Rejected):
    """The picture is not taken: {reason}."""


class PicturesTooMany(Conflict):
    """Experience {id} has {count_max} pictures already, and that is the most. Delete one of them first, or raise
    LIKEWISE_COMMUNITY_MEDIA_MAX."""


class ReportRefused(Rejected):
    """The report cannot be taken: {reason}."""


class SubjectMalformed(Rejected):
    """{text!r} names nothing that moderators decide on: send the id of an experience (exp_...) or of a comment
    (cmt_...)."""


class TooManyActs(Rejected):
    """{count} at once are too many; send at most {count_max} together."""


class UserRefused(Rejected):
    """{user!r} cannot be the id of a person: an id has 1 to 500 characters, none of them NUL or half of a character."""


class ExperienceRefused(Rejected):
    """The experience cannot be taken in: {reason}."""


class TooManyExperiences(Rejected):
    """{count:,} experiences in one batch are too many; send at most {count_max:,} at once, or load a file with
    `likewise community load FILE`."""


class AttributeUnknown(NotFound):
    """No experience has an attribute {key!r}. {hint}"""


class PersonRefused(Rejected):
    """This cannot be kept of a person: {reason}."""


class WishRefused(Rejected):
    """This cannot be asked for: {reason}."""


class PartitionContended(Unavailable):
    """The attributes of {categories} could not be moved: somebody held the table again and again. Nothing has changed;
    `likewise community partition` tries again, best when few are at work."""


class QuestionTooLong(Rejected):
    """The question has {characters:,} characters; ask in at most {characters_max:,}."""


class HistoryTooLong(Rejected):
    """{count:,} earlier questions are too many; send the latest {count_max}."""


class PlaceUnknown(Rejected):
    """No experience names the place {place!r}, so nobody knows where it is. Name a point: latitude and longitude."""
