//! What stands in the way of a server: recognized by the types in an error's chain, not by its words.

use super::proxy::ProxyRefusal;
use crate::message::{NetworkText, Why};
use rustls::CertificateError;
use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

/// Obstacle on the way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The name cannot be resolved.
    NoSuchHost,
    /// The connection is refused: no program listens on that port.
    Refused,
    /// There is no route to the server.
    NoRoute,
    /// The connection times out: a firewall drops what is sent, or the machine is off.
    Silence,
    /// The server's certificate is not trusted: none to trust is installed, it signs for itself, or a proxy stands between.
    UnknownIssuer,
    /// The server's certificate is that of a certificate authority, which no server's may be: it signs for itself.
    SignsForItself,
    /// The server's certificate is for another name.
    OtherName,
    /// The server's certificate is not valid yet, or no longer.
    OutOfDate,
    /// The server's certificate is not valid for another reason.
    BadCertificate,
    /// What answers there speaks no TLS, or another one.
    NoTls,
    /// The proxy makes no connection.
    Proxy(ProxyRefusal),
}

/// Error of a name that is not found.
#[derive(Debug)]
pub(super) struct NameNotFound(pub(super) std::io::Error);

impl fmt::Display for NameNotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for NameNotFound {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Obstacle {
    /// What an error's chain shows.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Option<Obstacle> {
        let mut link = Some(error);
        while let Some(one) = link {
            if let Some(obstacle) = Obstacle::in_link(one) {
                return Some(obstacle);
            }
            link = one.source();
        }
        ProxyRefusal::of(error).map(Obstacle::Proxy)
    }

    fn in_link(link: &(dyn Error + 'static)) -> Option<Obstacle> {
        if link.is::<NameNotFound>() {
            return Some(Obstacle::NoSuchHost);
        }
        if let Some(error) = link.downcast_ref::<rustls::Error>() {
            return Some(Obstacle::of_tls(error));
        }
        let error = link.downcast_ref::<std::io::Error>()?;
        match error.kind() {
            ErrorKind::ConnectionRefused => Some(Obstacle::Refused),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some(Obstacle::NoRoute),
            // `source()` of an I/O error skips the error that it wraps.
            _ => Obstacle::in_link(error.get_ref()?),
        }
    }

    fn of_tls(error: &rustls::Error) -> Obstacle {
        let rustls::Error::InvalidCertificate(error) = error else { return Obstacle::NoTls };
        match error {
            // The second: a certificate authority of that name is trusted, with another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Obstacle::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Obstacle::OtherName,
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Obstacle::OutOfDate,
            // The type of this error is another library's; its name says what it is. Source: `Error` in rustls-webpki 0.103.
            CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                Obstacle::SignsForItself
            }
            _ => Obstacle::BadCertificate,
        }
    }

    /// Whether it depends on which certificates are trusted here.
    fn is_of_trust(self) -> bool {
        matches!(self, Obstacle::UnknownIssuer | Obstacle::SignsForItself)
    }

    /// Whether it lies with whoever is connected to: the proxy, where there is one.
    fn is_of_connection(self) -> bool {
        matches!(
            self,
            Obstacle::NoSuchHost | Obstacle::Refused | Obstacle::NoRoute | Obstacle::Silence | Obstacle::Proxy(_)
        )
    }

    /// What it is called.
    fn words(self) -> NetworkText {
        match self {
            Obstacle::NoSuchHost => NetworkText::NoSuchHost {},
            Obstacle::Refused => NetworkText::ConnectionRefused {},
            Obstacle::NoRoute => NetworkText::NoRoute {},
            Obstacle::Silence => NetworkText::NobodyAnswers {},
            Obstacle::UnknownIssuer => NetworkText::UnknownIssuer {},
            Obstacle::SignsForItself => NetworkText::SignsForItself {},
            Obstacle::OtherName => NetworkText::OtherName {},
            Obstacle::OutOfDate => NetworkText::OutOfDate {},
            Obstacle::BadCertificate => NetworkText::BadCertificate {},
            Obstacle::NoTls => NetworkText::NoTls {},
            Obstacle::Proxy(ProxyRefusal::WantsLogin) => NetworkText::ProxyWantsLogin {},
            Obstacle::Proxy(ProxyRefusal::NoConnection) => NetworkText::ProxyRefuses {},
        }
    }

    /// What remedies it, where it is not to check the address and the network.
    fn remedy(self, has_proxy: bool) -> Option<NetworkText> {
        Some(match self {
            Obstacle::UnknownIssuer => NetworkText::TrustIssuer {},
            Obstacle::SignsForItself => NetworkText::TrustItsAuthority {},
            Obstacle::OtherName => NetworkText::UseItsName {},
            Obstacle::OutOfDate => NetworkText::CheckClock {},
            Obstacle::BadCertificate | Obstacle::NoTls => NetworkText::CheckTls {},
            Obstacle::Proxy(ProxyRefusal::WantsLogin) => NetworkText::GiveProxyLogin {},
            _ if has_proxy && self.is_of_connection() => NetworkText::CheckProxy {},
            _ => return None,
        })
    }

    /// Why `host` was not reached; `proxy`: the one on the way to it; `certificates`: what is wrong with those that are named here.
    pub(super) fn why(self, host: &str, proxy: Option<&str>, certificates: impl Fn() -> Option<NetworkText>) -> Why {
        let (host, why) = (host.to_owned(), Why::from(self.words()));
        let (is_of_connection, has_proxy) = (self.is_of_connection(), proxy.is_some());
        let text = match proxy.map(str::to_owned) {
            None => NetworkText::CannotReach { host, why },
            Some(proxy) if is_of_connection && !matches!(self, Obstacle::Proxy(_)) => {
                NetworkText::CannotReachProxy { proxy, host, why }
            }
            Some(proxy) => NetworkText::CannotReachThrough { proxy, host, why },
        };
        let of_certificates = if self.is_of_trust() { certificates() } else { None };
        match of_certificates.or_else(|| self.remedy(has_proxy)) {
            Some(remedy) => Why::from(text).remedy(remedy),
            None => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    #[test]
    fn an_obstacle_is_found_by_its_type_however_deep_it_lies() {
        let io = |kind: ErrorKind| std::io::Error::from(kind);
        let tls = |error: CertificateError| std::io::Error::other(rustls::Error::InvalidCertificate(error));
        for (error, expected) in [
            (io(ErrorKind::ConnectionRefused), Some(Obstacle::Refused)),
            (io(ErrorKind::NetworkUnreachable), Some(Obstacle::NoRoute)),
            (io(ErrorKind::ConnectionReset), None),
            (tls(CertificateError::UnknownIssuer), Some(Obstacle::UnknownIssuer)),
            (tls(CertificateError::Expired), Some(Obstacle::OutOfDate)),
            (tls(CertificateError::NotValidForName), Some(Obstacle::OtherName)),
            (tls(CertificateError::Revoked), Some(Obstacle::BadCertificate)),
            (std::io::Error::other(tls(CertificateError::UnknownIssuer)), Some(Obstacle::UnknownIssuer)),
            (std::io::Error::other(NameNotFound(io(ErrorKind::Other))), Some(Obstacle::NoSuchHost)),
            (std::io::Error::other("connection refused"), None),
        ] {
            assert_eq!(Obstacle::of(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn who_is_to_blame_is_named_and_each_obstacle_has_its_remedy() {
        let reported =
            |obstacle: Obstacle, proxy: Option<&str>| obstacle.why("h.example", proxy, || None).text(Lang::En);
        assert_eq!(reported(Obstacle::Refused, None), "cannot reach h.example: connection refused");
        assert!(reported(Obstacle::Refused, Some("p:3128")).starts_with("cannot reach p:3128, the proxy"));
        assert!(reported(Obstacle::UnknownIssuer, Some("p:3128")).starts_with("cannot reach h.example through"));
        let remedy = |obstacle: Obstacle, proxy| obstacle.remedy(proxy);
        assert_eq!(remedy(Obstacle::Refused, false), None);
        assert_eq!(remedy(Obstacle::Refused, true), Some(NetworkText::CheckProxy {}));
        assert_eq!(remedy(Obstacle::UnknownIssuer, true), Some(NetworkText::TrustIssuer {}));
        let unusable = || Some(NetworkText::MendCertFile { path: "/ca".to_owned(), why: "no".to_owned().into() });
        let why = Obstacle::UnknownIssuer.why("h.example", None, unusable);
        assert_eq!(why.remedy_given(), unusable().map(Into::into).as_ref());
        assert_eq!(Obstacle::Refused.why("h.example", None, unusable).remedy_given(), None);
        let login = Obstacle::Proxy(ProxyRefusal::WantsLogin);
        assert_eq!(remedy(login, true), Some(NetworkText::GiveProxyLogin {}));
    }
}
