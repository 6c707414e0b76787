//! The file of certificates that the environment names.

use crate::message::NetworkText;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much of a file is looked through, in bytes; those of systems have a quarter of a megabyte.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// What a file of certificates holds at least one of.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What is wrong with the file that SSL_CERT_FILE names; `None` where it names none, or a good one.
#[allow(clippy::disallowed_methods, reason = "the real network: rustls asks for its certificates in this way, too")]
pub(crate) fn unusable_certificates() -> Option<NetworkText> {
    unusable(Path::new(&std::env::var_os("SSL_CERT_FILE")?))
}

fn unusable(file: &Path) -> Option<NetworkText> {
    let mut content = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut content));
    let why = match read {
        Ok(_) if content.windows(CERTIFICATE.len()).any(|part| part == CERTIFICATE) => return None,
        Ok(_) => NetworkText::NoCertificateIn {}.into(),
        Err(error) => error.to_string().into(),
    };
    Some(NetworkText::MendCertFile { path: file.display().to_string(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    #[test]
    fn a_file_without_certificates_is_named_with_the_variable() {
        let folder = tempfile::tempdir().expect("a folder");
        let reported = |name: &str| unusable(&folder.path().join(name)).map(|text| text.text(Lang::En));
        let missing = reported("ca.pem").expect("it is not there");
        assert!(missing.starts_with("SSL_CERT_FILE names /") && missing.contains("ca.pem"), "{missing}");
        assert!(missing.contains("No such file"), "{missing}");
        std::fs::write(folder.path().join("ca.pem"), "").expect("a file");
        assert!(reported("ca.pem").is_some_and(|text| text.contains("it holds no certificate")));
        std::fs::write(folder.path().join("ca.pem"), "x\n-----BEGIN CERTIFICATE-----\n").expect("a file");
        assert_eq!(reported("ca.pem"), None);
    }
}
