//! Cloud Functions, second generation: one call builds, rolls out, and sets up the trigger.

use async_trait::async_trait;
use google_cloud_functions_v2::model::Function;
use google_cloud_functions_v2::model::function;
use google_cloud_wkt::FieldMask;
use updraft_contract::Stages;

use super::backend::{Backend, Order, Reading, State};
use super::shape;
use super::spec::ACTIVE;
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Made;
use crate::lro;
use crate::survey::{Survey, region_of};

/// What every update sends. A field in the mask that is not in the body is reset, which is how one
/// is removed; maps can only be replaced whole. The trigger goes along for event functions only.
///
/// An update always builds, so the source has to be sent even where it stays the same
/// (hashicorp/terraform-provider-google 23781).
const MASK: [&str; 20] = [
    "description",
    "labels",
    "build_config.runtime",
    "build_config.entry_point",
    "build_config.source",
    "build_config.service_account",
    "build_config.environment_variables",
    "service_config.timeout_seconds",
    "service_config.available_memory",
    "service_config.available_cpu",
    "service_config.environment_variables",
    "service_config.secret_environment_variables",
    "service_config.min_instance_count",
    "service_config.max_instance_count",
    "service_config.max_instance_request_concurrency",
    "service_config.service_account_email",
    "service_config.ingress_settings",
    "service_config.vpc_connector",
    "service_config.vpc_connector_egress_settings",
    "service_config.all_traffic_on_latest_revision",
];

/// Cloud Functions.
pub(super) struct CloudFunctions;

#[async_trait]
impl Backend for CloudFunctions {
    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Reading>, Failure> {
        let found = survey.functions(cloud).await?;
        Ok(found.iter().map(|function| reading(cloud, function)).collect())
    }

    async fn read(&self, cloud: &Cloud, name: &str) -> Result<Option<Reading>, Failure> {
        let call = cloud.safe("cloudfunctions.functions.get", |api| {
            api.functions.get_function().set_name(name).send()
        });
        Ok(absent(call.await)?.map(|function| reading(cloud, &function)))
    }

    async fn create(&self, cloud: &Cloud, order: Order<'_>) -> Result<String, Failure> {
        let (parent, id) = order.name.split_once("/functions/").unwrap_or_default();
        let function = shape::function(order);
        let call = cloud.once("cloudfunctions.functions.create", |api| {
            let call = api.functions.create_function().set_parent(parent).set_function_id(id);
            call.set_function(function.clone()).send()
        });
        Ok(call.await?.name)
    }

    async fn update(&self, cloud: &Cloud, order: Order<'_>) -> Result<String, Failure> {
        let function = shape::function(order);
        let trigger = function.event_trigger.is_some().then_some("event_trigger");
        let mask = FieldMask::default().set_paths(MASK.into_iter().chain(trigger));
        let call = cloud.once("cloudfunctions.functions.update", |api| {
            let call = api.functions.update_function().set_function(function.clone());
            call.set_update_mask(mask.clone()).send()
        });
        Ok(call.await?.name)
    }

    async fn delete(&self, cloud: &Cloud, name: &str) -> Result<String, Failure> {
        let call = cloud.safe("cloudfunctions.functions.delete", |api| {
            api.functions.delete_function().set_name(name).send()
        });
        Ok(call.await?.name)
    }

    async fn follow(
        &self,
        cloud: &Cloud,
        operation: &str,
        what: &str,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        lro::follow(cloud, operation, what, stages).await
    }
}

fn reading(cloud: &Cloud, function: &Function) -> Reading {
    let state = state(function);
    let word = match &state {
        State::Active => ACTIVE.to_owned(),
        State::Busy(what) => what.clone(),
        State::Broken(_) => function.state.name().unwrap_or("UNKNOWN").to_owned(),
    };
    Reading {
        name: function.name.clone(),
        labels: function.labels.clone().into_iter().collect(),
        fields: shape::fields(&cloud.place, function, &word),
        outputs: outputs(function),
        state,
    }
}

/// Reads the state. One that we do not know counts as under way, never as success.
fn state(function: &Function) -> State {
    let told: Vec<&str> = function.state_messages.iter().map(|it| it.message.as_str()).collect();
    let name = function.state.name().unwrap_or("UNKNOWN");
    match function.state {
        function::State::Active => State::Active,
        function::State::Failed | function::State::Unknown => {
            State::Broken(format!("{name}: {}", told.join("; ")))
        }
        function::State::Deploying
        | function::State::Deleting
        | function::State::Unspecified
        | function::State::UnknownValue(_)
        | _ => State::Busy(name.to_owned()),
    }
}

/// Returns what others may refer to; what a function that failed does not have is left out.
fn outputs(function: &Function) -> Made {
    let service = function.service_config.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let all = [
        ("id", text(function.name.rsplit('/').next())),
        ("name", function.name.clone()),
        ("region", text(region_of(&function.name))),
        ("service", text(service.map(|service| service.service.as_str()))),
        ("uri", text(service.map(|service| service.uri.trim_end_matches('/')))),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}
