//! Which triggers Google Cloud serves, what one may rely on, and why not where it does not.

use updraft_contract::{Cell, Support, Terms, TriggerType};

/// Which triggers Google Cloud serves.
pub const SUPPORT: &[Support] = &[
    Support {
        trigger: TriggerType::Http,
        variant: "",
        cell: Cell::Composed(
            "Cloud Run function with an address of its own; every method and path reaches it",
        ),
        terms: Terms {
            identity: "the caller: everyone, or members with roles/run.invoker",
            timeout: "3,600 s",
            retry: "the caller's own",
            ordering: "none",
        },
    },
    Support {
        trigger: TriggerType::Schedule,
        variant: "",
        cell: Cell::Native("Cloud Scheduler with an OIDC token"),
        terms: Terms {
            identity: "a service account of the function's own",
            timeout: "1,800 s",
            retry: "2 more attempts; none with `attempts = 0`",
            ordering: "one call at a time, at least once",
        },
    },
    Support {
        trigger: TriggerType::Queue,
        variant: "",
        cell: Cell::Composed("Pub/Sub topic with a push subscription; one message per call"),
        terms: Terms {
            identity: "a service account of the function's own",
            timeout: "600 s",
            retry: "until answered or expired, 10 s to 600 s apart; then the dead letter queue",
            ordering: "none, at least once",
        },
    },
    Support {
        trigger: TriggerType::Storage,
        variant: "",
        cell: Cell::Native("Eventarc on Cloud Storage"),
        terms: Terms {
            identity: "a service account of the function's own",
            timeout: "540 s",
            retry: "for 24 h; none with `attempts = 0`",
            ordering: "none, at least once",
        },
    },
    refused(
        TriggerType::Topic,
        "this version has `queue` triggers on Pub/Sub; use one, as a topic of its own",
    ),
    refused(
        TriggerType::Stream,
        "this version has `queue` triggers on Pub/Sub, which keep no order; use one where that does",
    ),
    refused(
        TriggerType::Database,
        "this version does not follow changes of Firestore; publish them to a queue where they are \
         made, and use a `queue` trigger",
    ),
    refused(
        TriggerType::Event,
        "this version does not follow events of Eventarc beyond Cloud Storage; publish them to a \
         queue, and use a `queue` trigger",
    ),
    refused(
        TriggerType::Iot,
        "Cloud IoT Core was retired on 16 August 2023; bridge an MQTT broker such as EMQX or \
         HiveMQ to Pub/Sub, or let devices publish there, and use a `queue` trigger",
    ),
];

const fn refused(trigger: TriggerType, reason: &'static str) -> Support {
    Support { trigger, variant: "", cell: Cell::Refused(reason), terms: Terms::NONE }
}

/// Returns why there is no trigger of this type.
pub(crate) fn refusal(trigger: TriggerType) -> Option<&'static str> {
    SUPPORT.iter().find(|row| row.trigger == trigger).and_then(|row| match row.cell {
        Cell::Refused(reason) => Some(reason),
        Cell::Native(_) | Cell::Composed(_) => None,
    })
}
