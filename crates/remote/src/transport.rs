//! Requests on their way: one pool of connections for all stores of a process, and what is seen of answers.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService, ReqwestConnector,
};
use object_store::{ClientConfigKey, ClientOptions, Error as StoreError};

use crate::trace::{NoAnswer, Seen, see};
use crate::words::without_addresses;

/// Hosts that give credentials to programs on the machines of a provider. Elsewhere there is nobody, which
/// asking again does not change.
const IDENTITY_HOSTS: [&str; 4] =
    ["169.254.169.254", "169.254.170.2", "metadata.google.internal", "metadata"];
/// More bytes than the text of a refusal has.
const MOST_REFUSAL_BYTES: usize = 1 << 16;

/// Makes the pool of connections, once for all stores whose options are alike in what differs between them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connector {
    made: Arc<Mutex<HashMap<String, HttpClient>>>,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient, StoreError> {
        let of = |key| options.get_config_value(&key).unwrap_or_default();
        // Whoever asks for credentials waits less long for a connection.
        let name =
            format!("{} {}", of(ClientConfigKey::AllowHttp), of(ClientConfigKey::ConnectTimeout));
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&name) {
            return Ok(client.clone());
        }
        let client = HttpClient::new(Watched(ReqwestConnector::default().connect(options)?));
        made.insert(name, client.clone());
        Ok(client)
    }
}

/// Tells what is seen of answers.
#[derive(Debug)]
struct Watched(HttpClient);

#[async_trait]
impl HttpService for Watched {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let is_identity = IDENTITY_HOSTS.contains(&host.as_str());
        match self.0.execute(request).await {
            Ok(answer) if answer.status().as_u16() < 300 => {
                see(Seen::Answer { status: answer.status().as_u16(), code: None });
                Ok(answer)
            }
            Ok(answer) => Ok(read_refusal(answer, host, is_identity).await),
            Err(error) if is_identity => {
                see(no_answer(host, NoAnswer::NoIdentity, &error));
                Err(HttpError::new(HttpErrorKind::Unknown, error))
            }
            Err(error) => {
                see(no_answer(host, why(&error), &error));
                Err(error)
            }
        }
    }
}

fn why(error: &HttpError) -> NoAnswer {
    match error.kind() {
        HttpErrorKind::Connect => NoAnswer::Unconnected,
        HttpErrorKind::Request
        | HttpErrorKind::Timeout
        | HttpErrorKind::Interrupted
        | HttpErrorKind::Decode => NoAnswer::Broken,
        _ => NoAnswer::Other,
    }
}

fn no_answer(host: String, why: NoAnswer, error: &HttpError) -> Seen {
    let mut cause = error.source();
    let mut reason = match error.kind() {
        HttpErrorKind::Timeout => "it does not answer in time".to_owned(),
        _ => error.to_string(),
    };
    while let Some(inner) = cause.filter(|_| error.kind() != HttpErrorKind::Timeout) {
        reason = inner.to_string();
        cause = inner.source();
    }
    Seen::NoAnswer { host, why, reason: without_addresses(&reason) }
}

/// Reads the code of a refusal out of its body, which then is what it was.
async fn read_refusal(answer: HttpResponse, host: String, is_identity: bool) -> HttpResponse {
    let (parts, body) = answer.into_parts();
    let mut chunks = body.bytes_stream();
    let mut text = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        let room = MOST_REFUSAL_BYTES - text.len();
        text.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if text.len() == MOST_REFUSAL_BYTES {
            break;
        }
    }
    let status = parts.status.as_u16();
    let code = code_in(&String::from_utf8_lossy(&text));
    see(if is_identity {
        let reason = format!("it answers {status}");
        Seen::NoAnswer { host, why: NoAnswer::NoIdentity, reason }
    } else {
        Seen::Answer { status, code }
    });
    HttpResponse::from_parts(parts, HttpResponseBody::from(Bytes::from(text)))
}

/// The code of an error, as S3, GCS and Azure write it: `<Code>NoSuchBucket</Code>`.
fn code_in(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("<Code>")?;
    let (code, _) = behind.split_once("</Code>")?;
    let is_word = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_word && code.len() < 80).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_word_in_its_place() {
        let answer = "<?xml?><Error><Code>NoSuchBucket</Code><Message>x</Message></Error>";
        assert_eq!(code_in(answer).as_deref(), Some("NoSuchBucket"));
        for text in ["", "<Code>", "<Code></Code>", "<Code>a b</Code>", "</Code><Code>a"] {
            assert_eq!(code_in(text), None, "{text}");
        }
    }
}
