//! One POST to a subscriber, who has to be on this machine.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{DeliveryOutcome, Parcel};

/// Sends a parcel and says what came of it.
pub(super) async fn post(parcel: &Parcel, through: Option<SocketAddr>, timeout: Duration) -> DeliveryOutcome {
    match tokio::time::timeout(timeout, exchange(parcel, through)).await {
        Ok(Ok(status)) => DeliveryOutcome::Answered(status),
        Ok(Err(error)) => DeliveryOutcome::Failed(error.to_string()),
        Err(_) => DeliveryOutcome::Failed(format!("no answer within {timeout:?}")),
    }
}

async fn exchange(parcel: &Parcel, through: Option<SocketAddr>) -> Result<u16, Box<dyn Error + Send + Sync>> {
    let uri: Uri = parcel.url.parse()?;
    let stream = TcpStream::connect(address(&uri, through)?).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender and the answer; its errors are theirs as well.
    tokio::spawn(connection);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::post(target)
        .header("host", uri.authority().map_or("", |authority| authority.as_str()))
        .header("content-type", "application/json; charset=utf-8");
    for (name, value) in &parcel.headers {
        request = request.header(name, value);
    }
    let response = sender.send_request(request.body(Full::new(Bytes::from(parcel.body.clone())))?).await?;
    let status = response.status().as_u16();
    // The status counts, but a receiver should not see its answer cut off.
    let _ = response.into_body().collect().await;
    Ok(status)
}

/// Where to connect. A sandbox that could be talked into posting elsewhere would be no sandbox.
fn address(uri: &Uri, through: Option<SocketAddr>) -> Result<SocketAddr, String> {
    let address = match (through, uri.scheme_str()) {
        (Some(through), _) => through,
        (None, Some("http")) => {
            let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
            let ip = match host.eq_ignore_ascii_case("localhost") {
                true => IpAddr::V4(Ipv4Addr::LOCALHOST),
                false => host.parse().map_err(|_| format!("`{host}` is not on loopback"))?,
            };
            SocketAddr::new(ip, uri.port_u16().unwrap_or(80))
        }
        (None, _) => return Err(format!("`{uri}` is not http")),
    };
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(format!("`{}` is not on loopback", address.ip())),
    }
}
