"""Following topics: nobody is told of it, and it tells nobody anything."""

from xianji.domains.notes import rules
from xianji.domains.notes.model import TOO_MANY_TOPICS_FOLLOWED, TOPICS_FOLLOWED_MOST
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work


async def follow_topic(work: Work, name: str) -> None:
    """Follow a topic that somebody has used; twice is the same as once.

    Refuses `not_found`, `too_many_topics_followed`.
    """
    topic, most = rules.topic_key(name), work.config.get(TOPICS_FOLLOWED_MOST)
    others = await work.db.fetchval(
        "select (select count(*) from topic_follows f where f.member = $1 and f.topic <> t.name)"
        " from topics t where t.name = $2",
        work.actor.me,
        topic,
    )
    if others is None:
        raise NOT_FOUND()
    if others >= most:
        raise TOO_MANY_TOPICS_FOLLOWED(most=most)
    await work.db.execute(
        "insert into topic_follows (member, topic, at) values ($1, $2, $3) on conflict do nothing",
        work.actor.me,
        topic,
        work.now,
    )


async def unfollow_topic(work: Work, name: str) -> None:
    """Stop following a topic; fine when I did not."""
    await work.db.execute(
        "delete from topic_follows where member = $1 and topic = $2", work.actor.me, rules.topic_key(name)
    )
