//! The configuration: by environment, or by a flag of the same name.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use portal_client::api_types::Secret;

/// Where the portal is, and by what it knows us.
#[derive(Debug, Clone, Args)]
pub struct PortalConfig {
    /// Where this program reaches the portal.
    #[arg(long, env = "VENDOR_PORTAL_URL", default_value = "http://localhost:8080", value_parser = without_slash)]
    pub portal_url: String,
    /// The key that `portal operator-key create` has printed. Set it by the environment: others can read flags.
    #[arg(long, env = "VENDOR_OPERATOR_KEY", hide_env_values = true, value_parser = secret)]
    pub operator_key: Secret,
    /// A JSON file with our accounts and their invoices, in place of the example's.
    #[arg(long, env = "VENDOR_ACCOUNTS")]
    pub accounts: Option<PathBuf>,
}

/// How to serve.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// The portal.
    #[command(flatten)]
    pub portal: PortalConfig,
    /// The portal's `PORTAL_PUBLIC_URL`: what its tokens name as their issuer and what browsers open. Left out, it is where
    /// this program reaches the portal.
    #[arg(long, env = "VENDOR_PORTAL_PUBLIC_URL", value_parser = without_slash)]
    pub portal_public_url: Option<String>,
    /// The address to listen on.
    #[arg(long, env = "VENDOR_LISTEN", default_value = "127.0.0.1:9090")]
    pub listen: SocketAddr,
    /// The secret of our webhook (`whsec_...`), which the portal has shown once. Set it by the environment.
    #[arg(long, env = "VENDOR_WEBHOOK_SECRET", hide_env_values = true, value_parser = secret)]
    pub webhook_secret: Secret,
    /// How long the portal's word about a token is kept: for this long somebody may still get in if webhooks do not come. 0
    /// asks at each request.
    #[arg(long, env = "VENDOR_CACHE_SECONDS", default_value = "3", value_parser = clap::value_parser!(u64).range(..=60))]
    pub cache_seconds: u64,
}

impl Config {
    /// The issuer of the portal's tokens.
    pub fn issuer(&self) -> &str {
        self.portal_public_url.as_deref().unwrap_or(&self.portal.portal_url)
    }
}

fn without_slash(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(text.trim_end_matches('/').to_owned())
}

fn secret(text: &str) -> Result<Secret, &'static str> {
    if text.is_empty() { Err("it must not be empty") } else { Ok(Secret::new(text)) }
}
