"""GraphQL of the inbox: the same service calls as REST."""

from likewise.apps.inbox.graph.mutations import Mutation
from likewise.apps.inbox.graph.queries import Query
from likewise.apps.inbox.graph.subscriptions import Subscription
from likewise.platform.feature import GraphParts

__all__ = ["PARTS"]

PARTS = GraphParts(query=Query, mutation=Mutation, subscription=Subscription)
