//! The proxy on the way to a server: which one the environment names, and that it makes no connection.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use std::error::Error;

/// Refusal of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyRefusal {
    /// It asks for a login: 407.
    WantsLogin,
    /// It makes no connection, for another reason.
    NoConnection,
}

impl ProxyRefusal {
    /// What an error's chain shows. The type of these errors cannot be named outside of hyper-util, so they are recognized by
    /// their words; a test provokes them. Source: `TunnelError` in hyper-util 0.1.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Option<ProxyRefusal> {
        let mut links = Vec::new();
        let mut link = Some(error);
        while let Some(one) = link {
            links.push(one.to_string());
            link = one.source();
        }
        let refusal = links.iter().find_map(|link| link.strip_prefix("tunnel error: "))?;
        Some(match refusal {
            "proxy authorization required" => ProxyRefusal::WantsLogin,
            _ => ProxyRefusal::NoConnection,
        })
    }
}

/// Host and port of the proxy that the environment names for an address; what is sent through it follows the same rules.
#[allow(clippy::disallowed_methods, reason = "the real network: reqwest asks for its proxies in this way, too")]
pub(super) fn proxy_to(url: &Url) -> Option<String> {
    let uri: Uri = url.as_str().parse().ok()?;
    let proxy = Matcher::from_env().intercept(&uri)?;
    Some(proxy.uri().authority()?.as_str().rsplit('@').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Quoted(&'static str);

    impl std::fmt::Display for Quoted {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Quoted {}

    #[test]
    fn a_proxy_that_asks_for_a_login_is_distinguished_from_one_that_refuses() {
        let of = |words| ProxyRefusal::of(&Quoted(words));
        assert_eq!(of("tunnel error: proxy authorization required"), Some(ProxyRefusal::WantsLogin));
        assert_eq!(of("tunnel error: unsuccessful"), Some(ProxyRefusal::NoConnection));
        assert_eq!(of("proxy authorization required"), None);
    }
}
