//! The portal by an OAuth library that has never heard of it: what it needs, the standards say.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, IntrospectionUrl, RequestTokenError, Scope,
    TokenIntrospectionResponse, TokenResponse, TokenUrl,
};
use portal_api_types::Scope as Wanted;

use crate::app::TestApp;
use crate::programs::key;

async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = reqwest::Client::new().execute(request.try_into()?).await?;
    let mut response = HttpResponse::default();
    *response.status_mut() = answer.status();
    answer.headers().clone_into(response.headers_mut());
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

#[tokio::test]
async fn an_oauth_library_gets_along_by_the_standards_alone() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, &[Wanted::AccountRead, Wanted::UsersRead]).await;
    for by in [AuthType::BasicAuth, AuthType::RequestBody] {
        let client = BasicClient::new(ClientId::new(made.key.id.to_string()))
            .set_client_secret(ClientSecret::new(made.secret.reveal().to_owned()))
            .set_auth_type(by)
            .set_token_uri(TokenUrl::new(app.url("/oauth/token")).unwrap())
            .set_introspection_url(IntrospectionUrl::new(app.url("/oauth/introspect")).unwrap());
        let wish = client.exchange_client_credentials().add_scope(Scope::new("users:read".into()));
        let token = wish.request_async(&send).await.unwrap();
        assert_eq!(token.scopes().map(Vec::len), Some(1));
        assert_eq!(token.expires_in().map(|life| life.as_secs()), Some(900));
        let inside = app.portal().in_account(token.access_token().secret());
        inside.list_account_users().await.unwrap();

        let told = client.introspect(token.access_token()).request_async(&send).await.unwrap();
        assert!(told.active());
        assert_eq!(told.client_id().map(|id| id.as_str()), Some(made.key.id.as_str()));
        assert_eq!(told.iss(), Some("https://portal.test"));

        let refused = client.exchange_client_credentials().add_scope(Scope::new("firms:manage".into()));
        match refused.request_async(&send).await {
            Err(RequestTokenError::ServerResponse(said)) => {
                assert_eq!(said.error().as_ref(), "invalid_scope");
                assert!(said.error_description().is_some());
            }
            other => panic!("{other:?}"),
        }
    }
}
