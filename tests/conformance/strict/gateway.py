"""API Gateway: REST APIs and HTTP APIs."""

from strict.probes import FUNCTION, refused
from targets import REGION

# API Gateway, REST APIs.


def rest(c):
    """Makes a REST API and returns its id and its root's."""
    api = c["apigateway"].create_rest_api(name="probe")["id"]
    return api, c["apigateway"].get_resources(restApiId=api)["items"][0]["id"]


def method(c, api, resource, verb="GET"):
    key = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
    c["apigateway"].put_method(**key, authorizationType="NONE")
    return key


def integrated(c):
    """Makes a REST API with one method that leads to a function."""
    api, root = rest(c)
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    key = method(c, api, root)
    c["apigateway"].put_integration(**key, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    return api


@refused(409, "ConflictException", "apigateway: a path part that exists")
def _(c):
    api, root = rest(c)
    c["apigateway"].create_resource(restApiId=api, parentId=root, pathPart="notes")
    c["apigateway"].create_resource(restApiId=api, parentId=root, pathPart="notes")


@refused(409, "ConflictException", "apigateway: a method that exists")
def _(c):
    api, root = rest(c)
    method(c, api, root)
    method(c, api, root)


@refused(400, "BadRequestException", "apigateway: a deployment of no methods")
def _(c):
    c["apigateway"].create_deployment(restApiId=rest(c)[0])


@refused(400, "BadRequestException", "apigateway: a deployment of a method without integration")
def _(c):
    api, root = rest(c)
    method(c, api, root)
    c["apigateway"].create_deployment(restApiId=api)


@refused(409, "ConflictException", "apigateway: a stage that exists")
def _(c):
    api = integrated(c)
    deployment = c["apigateway"].create_deployment(restApiId=api)["id"]
    c["apigateway"].create_stage(restApiId=api, stageName="dev", deploymentId=deployment)
    c["apigateway"].create_stage(restApiId=api, stageName="dev", deploymentId=deployment)


@refused(400, "BadRequestException", "apigateway: the deletion of a deployment that a stage serves")
def _(c):
    api = integrated(c)
    deployment = c["apigateway"].create_deployment(restApiId=api, stageName="dev")["id"]
    c["apigateway"].delete_deployment(restApiId=api, deploymentId=deployment)


@refused(404, "NotFoundException", "apigateway: an API that does not exist")
def _(c):
    c["apigateway"].get_rest_api(restApiId="nothing123")


@refused(400, "BadRequestException", "apigateway: an authorization type that does not exist")
def _(c):
    api, root = rest(c)
    c["apigateway"].put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="PERHAPS")


# API Gateway, HTTP APIs.


def http(c):
    """Makes an HTTP API with an integration."""
    api = {"ApiId": c["apigatewayv2"].create_api(Name="probe", ProtocolType="HTTP")["ApiId"]}
    integration = c["apigatewayv2"].create_integration(
        **api, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION, PayloadFormatVersion="2.0",
    )
    return api, integration["IntegrationId"]


@refused(409, "ConflictException", "apigatewayv2: a route that exists")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes")
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes")


@refused(400, "BadRequestException", "apigatewayv2: a route to an integration that does not exist")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes", Target="integrations/nothing")


@refused(409, "ConflictException", "apigatewayv2: the deletion of an integration that a route uses")
def _(c):
    api, integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes", Target=f"integrations/{integration}")
    c["apigatewayv2"].delete_integration(**api, IntegrationId=integration)


@refused(400, "BadRequestException", "apigatewayv2: a route key that is none")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="FETCH notes")


@refused(404, "NotFoundException", "apigatewayv2: an API that does not exist")
def _(c):
    c["apigatewayv2"].get_api(ApiId="nothing123")
