//! Plans and sites as ARM has them.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::apps::{App, PYTHON, V, furnished, identity, plan, site, web};
use super::harness::Azure;

/// Asserts a refusal of App Service, and returns its extended code and message.
async fn refused(azure: &Azure, id: &str, body: &Value, status: u16) -> String {
    let answer = azure.call(&format!("PUT {id}?api-version={V}"), body).await;
    let said = answer.json();
    assert_eq!(answer.status, status, "{said}");
    let entity = &said["Details"][2]["ErrorEntity"];
    format!(
        "{}: {}",
        entity["ExtendedCode"].as_str().unwrap_or_default(),
        said["Message"].as_str().unwrap_or_default()
    )
}

#[tokio::test]
async fn a_site_is_told_as_azure_tells_it() {
    let azure = furnished(Settings::default()).await;
    let id = web("sites", "shop-api");
    let mut body = site(&azure, PYTHON);
    body["properties"]["siteConfig"] =
        json!({"minTlsVersion": "1.2", "appSettings": [{"name": "A", "value": "1"}]});
    body["properties"]["publicNetworkAccess"] = json!("Enabled");
    body["properties"]["functionAppConfig"]["scaleAndConcurrency"]["alwaysReady"] =
        json!([{"name": "function:MyFunc", "instanceCount": 1}]);
    let begun = azure.call(&format!("PUT {id}?api-version={V}"), &body).await;
    assert_eq!(begun.status, 202);
    assert!(begun.headers.contains_key("azure-asyncoperation"));
    let busy = azure.call(&format!("PUT {id}?api-version={V}"), &body).await;
    assert!(busy.failed(409, "AnotherOperationInProgress").contains("in progress"));
    assert_eq!(azure.follow(begun).await.json()["status"], "Succeeded");
    let told = azure.get(&id, V).await.ok().json();
    assert_eq!(told["location"], "West Europe");
    assert_eq!(told["kind"], "functionapp,linux");
    let properties = &told["properties"];
    let config = &properties["functionAppConfig"];
    assert_eq!(config["deployment"]["storage"]["type"], "blobcontainer");
    let authentication = &config["deployment"]["storage"]["authentication"];
    assert_eq!(authentication["type"], "userassignedidentity");
    assert_eq!(authentication["userAssignedIdentityResourceId"], identity());
    assert_eq!(authentication["storageAccountConnectionStringName"], Value::Null);
    let scale = &config["scaleAndConcurrency"];
    assert_eq!(scale["alwaysReady"], json!([{"name": "function:myfunc", "instanceCount": 1}]));
    assert_eq!((&scale["maximumInstanceCount"], &scale["triggers"]), (&json!(10), &Value::Null));
    assert_eq!(config["siteUpdateStrategy"]["type"], "Recreate");
    assert_eq!(
        (&properties["sku"], &properties["siteConfig"]["appSettings"]),
        (&json!("FlexConsumption"), &Value::Null)
    );
    assert_eq!(
        (&properties["publicNetworkAccess"], &properties["containerSize"]),
        (&Value::Null, &json!(1536))
    );
    let states = properties["hostNameSslStates"].as_array().unwrap();
    assert!(states.iter().any(|state| state["hostType"] == "Repository"
        && state["name"].as_str().unwrap().ends_with("/_scm/shop-api")));
    assert!(told["identity"]["userAssignedIdentities"][identity()]["principalId"].is_string());
    let settings =
        azure.ok(&format!("POST {id}/config/appsettings/list?api-version={V}"), &Value::Null).await;
    assert_eq!(settings["properties"], json!({"A": "1"}));
    let plan = azure.get(&web("serverfarms", "shop-api"), V).await.ok().json();
    assert_eq!(plan["sku"]["size"], "FC1");
    assert_eq!(
        (&plan["properties"]["numberOfSites"], &plan["properties"]["status"]),
        (&json!(1), &json!("Ready"))
    );
}

const CONFIG: &str = "/properties/functionAppConfig";

/// What is put where in the body of a site, and what the refusal says.
#[rustfmt::skip]
fn wrong() -> Vec<(String, Value, u16, &'static str)> {
    let at = |name: &str| format!("{CONFIG}/{name}");
    let of = |name: &str| format!("/properties/{name}");
    let worker = json!({"appSettings": [{"name": "FUNCTIONS_WORKER_RUNTIME", "value": "python"}]});
    let other = json!({"type": "UserAssignedIdentity", "userAssignedIdentityResourceId": "/x"});
    vec![
        (of("siteConfig"), json!({"linuxFxVersion": "PYTHON|3.12"}), 400, "51021: Site.SiteConfig.linuxFxVersion"),
        (of("siteConfig"), json!({"alwaysOn": true}), 400, "AlwaysOn"),
        (of("siteConfig"), worker, 400, "FUNCTIONS_WORKER_RUNTIME is not supported"),
        (of("reserved"), json!(true), 400, "Site.reserved"),
        (of("serverFarmId"), json!(web("serverfarms", "gone")), 404, "Cannot find serverFarm"),
        (of("keyVaultReferenceIdentity"), json!(format!("{}x", identity())), 400, "KeyVaultReferenceIdentity"),
        (at("runtime"), json!({"name": "cobol", "version": "1"}), 400, "'cobol' is not supported"),
        (at("runtime"), json!({"name": "python", "version": "2.7"}), 400, "'2.7' is not supported"),
        (at("scaleAndConcurrency/instanceMemoryMB"), json!(1024), 400, "512, 2048 and 4096"),
        (at("scaleAndConcurrency/maximumInstanceCount"), json!(1001), 400, "from 1 to 1000"),
        (at("scaleAndConcurrency/triggers"), json!({"http": {"perInstanceConcurrency": 0}}), 400, "from 1 to 1000"),
        (at("deployment/storage/value"), json!("https://x/_blob/shopdevh/gone"), 400, "does not exist"),
        (at("deployment/storage/authentication"), other, 400, "not assigned"),
        (of("functionAppConfig"), Value::Null, 400, "FunctionAppConfig is required"),
    ]
}

#[tokio::test]
async fn what_flex_consumption_does_not_take_is_refused() {
    let azure = furnished(Settings::instant()).await;
    let id = web("sites", "shop-api");
    for (at, value, status, message) in wrong() {
        let mut body = site(&azure, PYTHON);
        if let Some((above, name)) = at.rsplit_once('/') {
            body.pointer_mut(above).unwrap()[name] = value;
        }
        let told = refused(&azure, &id, &body, status).await;
        assert!(told.contains(message), "{at}: {told}");
    }
    let line = format!("PUT {id}?api-version={V}");
    let mut body = site(&azure, PYTHON);
    body["identity"]["userAssignedIdentities"] = json!({format!("{}x", identity()): {}});
    azure.call(&line, &body).await.failed(400, "FailedIdentityOperation");
    let mut body = site(&azure, PYTHON);
    body["properties"]["functionAppConfig"]["siteUpdateStrategy"] = json!({"type": "Sometimes"});
    azure.call(&line, &body).await.failed(400, "InvalidRequestContent");
}

#[tokio::test]
async fn a_plan_has_one_app_and_stays_while_it_has() {
    let azure = furnished(Settings::instant()).await;
    let farm = web("serverfarms", "shop-api");
    azure.put(&web("sites", "shop-api"), V, &site(&azure, PYTHON)).await;
    let told = refused(&azure, &web("sites", "shop-two"), &site(&azure, PYTHON), 409).await;
    assert!(told.contains("only one"), "{told}");
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/other";
    azure.put(group, "2025-04-01", &json!({"location": "westeurope"})).await;
    let elsewhere = format!("{group}/providers/Microsoft.Web/sites/Shop-API");
    let told = refused(&azure, &elsewhere, &site(&azure, PYTHON), 409).await;
    assert!(told.contains("already exists"), "{told}");
    assert_eq!(azure.delete(&farm, V).await.status, 409);
    assert_eq!(
        azure
            .delete(&format!("{}?deleteEmptyServerFarm=false", web("sites", "shop-api")), V)
            .await
            .status,
        200
    );
    azure.get(&farm, V).await.ok();
    // Unless told otherwise, an empty plan goes with its last app.
    azure.put(&web("sites", "shop-api"), V, &site(&azure, PYTHON)).await;
    assert_eq!(azure.delete(&web("sites", "shop-api"), V).await.status, 200);
    assert_eq!(azure.get(&farm, V).await.status, 404);
    assert_eq!(azure.delete(&web("sites", "shop-api"), V).await.status, 204);
    let mut other = plan();
    other["sku"]["name"] = json!("Y1");
    assert_eq!(azure.call(&format!("PUT {farm}?api-version={V}"), &other).await.status, 501);
}

#[tokio::test]
async fn settings_are_replaced_as_a_whole() {
    let app = App::ungranted(Settings::instant(), PYTHON).await;
    let id = web("sites", "shop-api");
    let line = format!("PUT {id}/config/appsettings?api-version={V}");
    app.azure.ok(&line, &json!({"properties": {"ONE": "1", "TWO": "2"}})).await;
    app.azure.ok(&line, &json!({"properties": {"TWO": "3"}})).await;
    let told = app
        .azure
        .ok(&format!("POST {id}/config/appsettings/list?api-version={V}"), &Value::Null)
        .await;
    assert_eq!(told["properties"], json!({"TWO": "3"}));
    for name in ["WEBSITE_RUN_FROM_PACKAGE", "tz", "bad-name"] {
        assert_eq!(
            app.azure.call(&line, &json!({"properties": {name: "1"}})).await.status,
            400,
            "{name}"
        );
    }
    let patch = format!("PATCH {id}?api-version={V}");
    let told = app
        .azure
        .ok(&patch, &json!({"properties": {"httpsOnly": false}, "tags": {"a": "b"}}))
        .await;
    assert_eq!(
        (&told["properties"]["httpsOnly"], &told["tags"]),
        (&json!(false), &json!({"a": "b"}))
    );
    let onedeploy = format!("PUT {id}/extensions/onedeploy?api-version={V}");
    assert_eq!(
        app.azure
            .call(&onedeploy, &json!({"properties": {"packageUri": "https://x"}}))
            .await
            .status,
        501
    );
}
