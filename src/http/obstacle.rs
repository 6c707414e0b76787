//! What stands in the way of a server: told from the types in an error's chain, never from its words.

use rustls::CertificateError;
use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

/// Obstacle on the way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nobody knows the name.
    NoSuchHost,
    /// Nobody listens there.
    Refused,
    /// The network leads nowhere.
    NoRoute,
    /// The server's certificate is not trusted: none to trust is installed, or a proxy stands between.
    UnknownIssuer,
    /// The server's certificate is not valid for it, or not now.
    BadCertificate,
    /// What answers there speaks no TLS, or another one.
    NoTls,
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
        None
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
        match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => Obstacle::UnknownIssuer,
            rustls::Error::InvalidCertificate(_) => Obstacle::BadCertificate,
            _ => Obstacle::NoTls,
        }
    }

    /// What it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Obstacle::NoSuchHost => "no such host",
            Obstacle::Refused => "connection refused",
            Obstacle::NoRoute => "no route to it",
            Obstacle::UnknownIssuer => "its certificate is signed by nobody who is trusted here",
            Obstacle::BadCertificate => "its certificate is not valid",
            Obstacle::NoTls => "no TLS connection comes about",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obstacle_is_found_by_its_type_however_deep_it_lies() {
        let io = |kind: ErrorKind| std::io::Error::from(kind);
        let tls = |error: CertificateError| std::io::Error::other(rustls::Error::InvalidCertificate(error));
        for (error, expected) in [
            (io(ErrorKind::ConnectionRefused), Some(Obstacle::Refused)),
            (io(ErrorKind::NetworkUnreachable), Some(Obstacle::NoRoute)),
            (io(ErrorKind::ConnectionReset), None),
            (tls(CertificateError::UnknownIssuer), Some(Obstacle::UnknownIssuer)),
            (tls(CertificateError::Expired), Some(Obstacle::BadCertificate)),
            (std::io::Error::other(tls(CertificateError::UnknownIssuer)), Some(Obstacle::UnknownIssuer)),
            (std::io::Error::other(NameNotFound(io(ErrorKind::Other))), Some(Obstacle::NoSuchHost)),
            (std::io::Error::other("connection refused"), None),
        ] {
            assert_eq!(Obstacle::of(&error), expected, "{error:?}");
        }
    }
}
