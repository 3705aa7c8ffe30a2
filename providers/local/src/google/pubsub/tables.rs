//! What topics, subscriptions and messages look like on the wire.

use crate::google::grpc::{Proto, Shape};
use crate::google::schema::{Enum, Field, Message};

static TOPIC_STATE: Enum = Enum {
    name: "google.pubsub.v1.Topic.State",
    values: &[("STATE_UNSPECIFIED", 0), ("ACTIVE", 1), ("INGESTION_RESOURCE_ERROR", 2)],
};

static STORAGE_POLICY: Message = Message {
    name: "google.pubsub.v1.MessageStoragePolicy",
    fields: &[("allowedPersistenceRegions", Field::TEXTS), ("enforceInTransit", Field::FLAG)],
};

/// A topic.
pub(super) static TOPIC: Message = Message {
    name: "google.pubsub.v1.Topic",
    fields: &[
        ("name", Field::TEXT),
        ("labels", Field::LABELS),
        ("messageStoragePolicy", Field::message(&STORAGE_POLICY)),
        ("kmsKeyName", Field::NotModelled),
        ("schemaSettings", Field::NotModelled),
        ("satisfiesPzs", Field::FLAG),
        ("messageRetentionDuration", Field::DURATION),
        ("state", Field::choice(&TOPIC_STATE)),
        ("ingestionDataSourceSettings", Field::NotModelled),
        ("messageTransforms", Field::NotModelled),
        ("tags", Field::NotModelled),
    ],
};

/// The body of a topic's update.
pub(super) static UPDATE_TOPIC: Message = Message {
    name: "google.pubsub.v1.UpdateTopicRequest",
    fields: &[("topic", Field::message(&TOPIC)), ("updateMask", Field::TEXT)],
};

/// The answer to a list of topics.
pub(super) static TOPICS: Message = Message {
    name: "google.pubsub.v1.ListTopicsResponse",
    fields: &[("topics", Field::messages(&TOPIC))],
};

static OIDC: Message = Message {
    name: "google.pubsub.v1.PushConfig.OidcToken",
    fields: &[("serviceAccountEmail", Field::TEXT), ("audience", Field::TEXT)],
};

static WRAPPER: Message =
    Message { name: "google.pubsub.v1.PushConfig.PubsubWrapper", fields: &[] };

/// Where messages are pushed.
pub(super) static PUSH: Message = Message {
    name: "google.pubsub.v1.PushConfig",
    fields: &[
        ("pushEndpoint", Field::TEXT),
        ("attributes", Field::LABELS),
        ("oidcToken", Field::message(&OIDC)),
        ("pubsubWrapper", Field::message(&WRAPPER)),
        ("noWrapper", Field::NotModelled),
    ],
};

static EXPIRATION: Message =
    Message { name: "google.pubsub.v1.ExpirationPolicy", fields: &[("ttl", Field::DURATION)] };

static DEAD_LETTER: Message = Message {
    name: "google.pubsub.v1.DeadLetterPolicy",
    fields: &[("deadLetterTopic", Field::TEXT), ("maxDeliveryAttempts", Field::INT)],
};

static RETRY: Message = Message {
    name: "google.pubsub.v1.RetryPolicy",
    fields: &[("minimumBackoff", Field::DURATION), ("maximumBackoff", Field::DURATION)],
};

static SUBSCRIPTION_STATE: Enum = Enum {
    name: "google.pubsub.v1.Subscription.State",
    values: &[("STATE_UNSPECIFIED", 0), ("ACTIVE", 1), ("RESOURCE_ERROR", 2)],
};

/// A subscription.
pub(super) static SUBSCRIPTION: Message = Message {
    name: "google.pubsub.v1.Subscription",
    fields: &[
        ("name", Field::TEXT),
        ("topic", Field::TEXT),
        ("pushConfig", Field::message(&PUSH)),
        ("bigqueryConfig", Field::NotModelled),
        ("cloudStorageConfig", Field::NotModelled),
        ("bigtableConfig", Field::NotModelled),
        ("ackDeadlineSeconds", Field::INT),
        ("retainAckedMessages", Field::FLAG),
        ("messageRetentionDuration", Field::DURATION),
        ("labels", Field::LABELS),
        ("enableMessageOrdering", Field::FLAG),
        ("expirationPolicy", Field::message(&EXPIRATION)),
        ("filter", Field::TEXT),
        ("deadLetterPolicy", Field::message(&DEAD_LETTER)),
        ("retryPolicy", Field::message(&RETRY)),
        ("detached", Field::FLAG),
        ("enableExactlyOnceDelivery", Field::FLAG),
        ("topicMessageRetentionDuration", Field::DURATION),
        ("state", Field::choice(&SUBSCRIPTION_STATE)),
        ("analyticsHubSubscriptionInfo", Field::NotModelled),
        ("messageTransforms", Field::NotModelled),
        ("tags", Field::NotModelled),
    ],
};

/// The body of a subscription's update.
pub(super) static UPDATE_SUBSCRIPTION: Message = Message {
    name: "google.pubsub.v1.UpdateSubscriptionRequest",
    fields: &[("subscription", Field::message(&SUBSCRIPTION)), ("updateMask", Field::TEXT)],
};

/// The answer to a list of subscriptions.
pub(super) static SUBSCRIPTIONS: Message = Message {
    name: "google.pubsub.v1.ListSubscriptionsResponse",
    fields: &[("subscriptions", Field::messages(&SUBSCRIPTION))],
};

/// The body of `modifyPushConfig`.
pub(super) static MODIFY_PUSH: Message = Message {
    name: "google.pubsub.v1.ModifyPushConfigRequest",
    fields: &[("pushConfig", Field::message(&PUSH))],
};

static MESSAGE: Message = Message {
    name: "google.pubsub.v1.PubsubMessage",
    fields: &[
        ("data", Field::BYTES),
        ("attributes", Field::LABELS),
        ("messageId", Field::TEXT),
        ("publishTime", Field::TEXT),
        ("orderingKey", Field::TEXT),
    ],
};

/// The body of `publish`.
pub(super) static PUBLISH: Message = Message {
    name: "google.pubsub.v1.PublishRequest",
    fields: &[("messages", Field::messages(&MESSAGE))],
};

/// The body of `pull`.
pub(super) static PULL: Message = Message {
    name: "google.pubsub.v1.PullRequest",
    fields: &[("returnImmediately", Field::FLAG), ("maxMessages", Field::INT)],
};

/// The body of `acknowledge`.
pub(super) static ACKNOWLEDGE: Message =
    Message { name: "google.pubsub.v1.AcknowledgeRequest", fields: &[("ackIds", Field::TEXTS)] };

/// The body of `modifyAckDeadline`.
pub(super) static MODIFY_DEADLINE: Message = Message {
    name: "google.pubsub.v1.ModifyAckDeadlineRequest",
    fields: &[("ackIds", Field::TEXTS), ("ackDeadlineSeconds", Field::INT)],
};

static G_MESSAGE: Proto = Proto {
    name: "google.pubsub.v1.PubsubMessage",
    fields: &[
        (1, "data", Shape::Bytes),
        (2, "attributes", Shape::Labels),
        (3, "messageId", Shape::Text),
        (4, "publishTime", Shape::Time),
        (5, "orderingKey", Shape::Text),
    ],
};

static G_RECEIVED: Proto = Proto {
    name: "google.pubsub.v1.ReceivedMessage",
    fields: &[
        (1, "ackId", Shape::Text),
        (2, "message", Shape::Message(&G_MESSAGE)),
        (3, "deliveryAttempt", Shape::Int),
    ],
};

pub(super) static G_PUBLISH: Proto = Proto {
    name: "google.pubsub.v1.PublishRequest",
    fields: &[(1, "topic", Shape::Text), (2, "messages", Shape::Messages(&G_MESSAGE))],
};

pub(super) static G_PUBLISHED: Proto =
    Proto { name: "google.pubsub.v1.PublishResponse", fields: &[(1, "messageIds", Shape::Texts)] };

pub(super) static G_PULL: Proto = Proto {
    name: "google.pubsub.v1.PullRequest",
    fields: &[
        (1, "subscription", Shape::Text),
        (2, "returnImmediately", Shape::Flag),
        (3, "maxMessages", Shape::Int),
    ],
};

pub(super) static G_PULLED: Proto = Proto {
    name: "google.pubsub.v1.PullResponse",
    fields: &[(1, "receivedMessages", Shape::Messages(&G_RECEIVED))],
};

pub(super) static G_ACKNOWLEDGE: Proto = Proto {
    name: "google.pubsub.v1.AcknowledgeRequest",
    fields: &[(1, "subscription", Shape::Text), (2, "ackIds", Shape::Texts)],
};

pub(super) static G_MODIFY_DEADLINE: Proto = Proto {
    name: "google.pubsub.v1.ModifyAckDeadlineRequest",
    fields: &[
        (1, "subscription", Shape::Text),
        (4, "ackIds", Shape::Texts),
        (3, "ackDeadlineSeconds", Shape::Int),
    ],
};
