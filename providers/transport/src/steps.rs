//! Carries out one step, with everything that all kinds share: the check directly before a write,
//! adopting what a lost answer has made, and never touching what is not ours.

use std::time::Duration;

use tokio::time::sleep;
use updraft_contract::{
    Action, CloudError, Expect, KindSpec, Known, Owner, Scope, Stages, Value, Verb,
};

use crate::kind::{Found, Made, ResourceKind};
use crate::{Class, Failure, Redactor, gone};

/// How often a write is tried whose answer was lost, or that met a neighbour's write.
const TRIES: usize = 4;

/// How long a create may still be under way after its answer was lost, before absence is believed.
const GRACE: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(300),
    Duration::from_millis(1200),
    Duration::from_secs(3),
];

/// Carries out `action` and returns the target's outputs.
pub async fn execute<C: Sync, S: Sync>(
    kind: &dyn ResourceKind<C, S>,
    cloud: &C,
    scope: &Scope,
    action: &Action<Known>,
    stages: &Stages<'_>,
) -> Result<Made, CloudError> {
    let step = Step { kind, cloud, scope, action, stages };
    let done = match action.verb {
        Verb::Create => step.create().await,
        Verb::Update => step.update().await,
        Verb::Delete => step.delete().await,
    };
    done.map_err(|failure| cleaned(failure, &action.body))
}

/// Returns the error without the secrets that the configuration holds.
fn cleaned(failure: Failure, body: &Known) -> CloudError {
    let redactor = Redactor::new(secrets(body));
    failure.error.cleaned(|text| redactor.clean(text))
}

struct Step<'a, C, S> {
    kind: &'a dyn ResourceKind<C, S>,
    cloud: &'a C,
    scope: &'a Scope,
    action: &'a Action<Known>,
    stages: &'a Stages<'a>,
}

impl<C: Sync, S: Sync> Step<'_, C, S> {
    async fn create(&self) -> Result<Made, Failure> {
        if !self.kind.exclusive()
            && let Some(found) = self.read().await?
        {
            return self.adopt(found).await;
        }
        let mut tries = 0;
        loop {
            let failure =
                match self.kind.create(self.cloud, self.scope, self.action, self.stages).await {
                    Ok(made) => return Ok(made),
                    Err(failure) => failure,
                };
            tries += 1;
            let unsure = matches!(failure.class, Class::ConflictExists | Class::Ambiguous);
            if !unsure {
                return Err(failure);
            }
            // Where the cloud refuses a second one, trying again is safe and shows the first.
            let patient = failure.class == Class::ConflictExists || !self.kind.exclusive();
            let seen = if patient { self.look_patiently().await? } else { self.read().await? };
            if let Some(found) = seen {
                return self.adopt(found).await;
            }
            if tries == TRIES {
                return Err(failure);
            }
        }
    }

    /// Looks for what a create may have made; late ones are given time to show.
    async fn look_patiently(&self) -> Result<Option<Found>, Failure> {
        for pause in GRACE {
            sleep(pause).await;
            if let Some(found) = self.read().await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Takes over what stands at the address, if this very step has made it.
    async fn adopt(&self, found: Found) -> Result<Made, Failure> {
        self.refuse_if_foreign(&found)?;
        let ours = match &found.nonce {
            Some(nonce) => *nonce == self.kind.nonce(self.scope, &self.action.target),
            // A kind without tags: the same content under a parent of ours is the same thing.
            None => same(self.kind.spec(), &found.live.fields, &self.action.body),
        };
        if !ours {
            return Err(Failure::stale(&self.action.target));
        }
        // Also finishes what was begun, and waits until it is usable.
        self.kind.update(self.cloud, self.scope, self.action, &found, self.stages).await
    }

    async fn update(&self) -> Result<Made, Failure> {
        let mut found = self.expected().await?.ok_or_else(|| self.stale())?;
        let before = found.live.fields.clone();
        let mut tries = 0;
        loop {
            let update =
                self.kind.update(self.cloud, self.scope, self.action, &found, self.stages).await;
            let failure = match update {
                Ok(made) => return Ok(made),
                Err(failure) => failure,
            };
            tries += 1;
            let unsure = matches!(
                failure.class,
                Class::PreconditionFailed | Class::Ambiguous | Class::ConflictExists
            );
            if !unsure || tries == TRIES {
                return Err(failure);
            }
            found = self.read().await?.ok_or_else(|| self.stale())?;
            self.refuse_if_foreign(&found)?;
            if !between(self.kind.spec(), &before, &self.action.body, &found.live.fields) {
                return Err(self.stale());
            }
        }
    }

    async fn delete(&self) -> Result<Made, Failure> {
        let Some(found) = self.expected().await? else { return Ok(Made::new()) };
        self.refuse_if_full(&found)?;
        gone(self.kind.delete(self.cloud, self.scope, &found, self.stages).await)?;
        Ok(Made::new())
    }

    /// Reads the target and refuses unless it is ours and as the plan saw it. `None`: it is gone.
    async fn expected(&self) -> Result<Option<Found>, Failure> {
        let Some(found) = self.read().await? else { return Ok(None) };
        self.refuse_if_foreign(&found)?;
        match &self.action.expect {
            Expect::Unchanged(version) if *version == found.live.version => Ok(Some(found)),
            Expect::Unchanged(_) | Expect::Absent => Err(self.stale()),
        }
    }

    async fn read(&self) -> Result<Option<Found>, Failure> {
        self.kind.read(self.cloud, self.scope, &self.action.target).await
    }

    fn refuse_if_foreign(&self, found: &Found) -> Result<(), Failure> {
        match &found.live.owner {
            Owner::Us => Ok(()),
            Owner::Other(owner) => {
                let (id, owner) = (self.action.target.clone(), owner.clone());
                Err(CloudError::Taken { id, owner }.into())
            }
        }
    }

    /// Refuses to delete data that nobody agreed to lose.
    fn refuse_if_full(&self, found: &Found) -> Result<(), Failure> {
        match &found.live.holds {
            Some(what) if !self.scope.destroy_data => {
                let (id, what) = (self.action.target.clone(), what.clone());
                Err(CloudError::HoldsData { id, what }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn stale(&self) -> Failure {
        Failure::stale(&self.action.target)
    }
}

/// Returns whether two configurations agree in every compared field.
pub fn same(spec: &KindSpec, a: &Known, b: &Known) -> bool {
    spec.fields.iter().all(|field| a.get(field.name) == b.get(field.name))
}

/// Returns whether every field is as it was or as it should be: our own write, half done.
fn between(spec: &KindSpec, before: &Known, after: &Known, now: &Known) -> bool {
    spec.fields.iter().all(|field| {
        let now = now.get(field.name);
        now == before.get(field.name) || now == after.get(field.name)
    })
}

/// Returns every secret text inside a configuration.
fn secrets(body: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (_, value) in body.iter() {
        collect(value, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Secret(secret) => found.push(secret.reveal().to_owned()),
        Value::List(items) | Value::Join(items) => items.iter().for_each(|v| collect(v, found)),
        Value::Set(items) => items.iter().for_each(|v| collect(v, found)),
        Value::Map(entries) => entries.values().for_each(|v| collect(v, found)),
        Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Output(_) => {}
    }
}
