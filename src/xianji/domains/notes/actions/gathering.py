"""Operators make a topic out of others: of what people began to write together, or of another name for the same."""

from xianji.domains.notes import rules, store
from xianji.domains.notes.model import TOPIC_LONGEST, TOPIC_NAME_NOT_VALID, GatherTopic
from xianji.kernel import audit
from xianji.kernel.work import Work


async def gather_topic(work: Work, ask: GatherTopic) -> str:
    """Notes that carry all of these topics stand under this one too, those that are there and those to come.

    Returns the topic's key. Refuses `topic_name_not_valid`.
    """
    work.actor.need_role("moderator")
    topic = rules.topic_key(ask.name)
    tags = sorted({rules.topic_key(tag) for tag in ask.tags} - {topic, ""})
    longest = work.config.get(TOPIC_LONGEST)
    if not topic or topic.isdigit() or len(topic) > longest or not tags:
        raise TOPIC_NAME_NOT_VALID(most=longest)
    await store.gather(work, topic, ask.name.strip("# "), tags)
    await audit.record(work, "notes.gather_topic", topic, ask.name, tags=tags)
    return topic
