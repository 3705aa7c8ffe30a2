//! Which triggers Azure serves, what one may rely on, and why not where it does not.

use updraft_contract::{Cell, Support, Terms, TriggerType};

/// Which triggers Azure serves.
pub const SUPPORT: &[Support] = &[
    Support {
        trigger: TriggerType::Http,
        variant: "",
        cell: Cell::Native("Azure Functions, with a key or a token of Entra ID where asked for"),
        terms: Terms {
            identity: "the caller: everyone, holders of the key, or of a token",
            timeout: "230 s",
            retry: "the caller's own",
            ordering: "none",
        },
    },
    Support {
        trigger: TriggerType::Schedule,
        variant: "",
        cell: Cell::Native("timer of Azure Functions, in UTC"),
        terms: Terms {
            identity: "the function's own host",
            timeout: "none",
            retry: "none; `attempts` more, 10 s apart",
            ordering: "one call at a time; one that was missed comes late",
        },
    },
    Support {
        trigger: TriggerType::Queue,
        variant: "storage",
        cell: Cell::Native("Queue Storage, one message per call"),
        terms: Terms {
            identity: "an identity of the function's own, polling",
            timeout: "none",
            retry: "5 deliveries or as the queue says, then the dead letter queue",
            ordering: "none, at least once",
        },
    },
    Support {
        trigger: TriggerType::Queue,
        variant: "service-bus",
        cell: Cell::Native("Service Bus"),
        terms: Terms {
            identity: "an identity of the function's own, receiving",
            timeout: "none; locks are renewed for 5 minutes",
            retry: "10 deliveries or as the queue says, then dead letters",
            ordering: "none, at least once",
        },
    },
    Support {
        trigger: TriggerType::Storage,
        variant: "",
        cell: Cell::Native("Event Grid on Blob Storage"),
        terms: Terms {
            identity: "Event Grid, with a key of the function app",
            timeout: "none; an answer after 30 s counts as failed",
            retry: "30 attempts in 24 h or as `retry` says",
            ordering: "none, at least once",
        },
    },
    refused(
        TriggerType::Topic,
        "this version has `queue` triggers on Queue Storage and Service Bus; use a queue for each \
         subscriber",
    ),
    refused(
        TriggerType::Stream,
        "this version does not read Event Hubs; where the order of records does not matter, use a \
         `queue` trigger",
    ),
    refused(
        TriggerType::Database,
        "this version does not follow changes of Cosmos DB; send them to a queue where they are \
         made, and use a `queue` trigger",
    ),
    refused(
        TriggerType::Event,
        "this version follows events of Event Grid for Blob Storage only; send others to a queue, \
         and use a `queue` trigger",
    ),
    refused(
        TriggerType::Iot,
        "the endpoint of IoT Hub takes no identity, only a key; route its messages to a Service \
         Bus queue, and use a `queue` trigger on that",
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

#[cfg(test)]
mod tests {
    use updraft_contract::{Cell, Terms, TriggerType};

    use super::SUPPORT;

    #[test]
    fn every_trigger_has_a_row_and_every_row_that_is_served_its_terms() {
        for trigger in TriggerType::ALL {
            assert!(SUPPORT.iter().any(|row| row.trigger == trigger), "{}", trigger.word());
        }
        for row in SUPPORT {
            let refused = matches!(row.cell, Cell::Refused(_));
            assert_eq!(row.terms == Terms::NONE, refused, "{}", row.trigger.word());
        }
    }
}
