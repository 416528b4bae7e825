//! The conversation with the editor: takes its messages in turn and answers them.
//!
//! Every change of a text is judged by itself; saving judges the whole site. Start at [`run`].

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use lsp_server::{Connection, Message, Notification, ProtocolError, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CompletionOptions, CompletionParams, CompletionResponse, DiagnosticRelatedInformation, DiagnosticSeverity,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Hover, HoverContents,
    HoverParams, HoverProviderCapability, InitializeParams, Location, MarkupContent, MarkupKind, NumberOrString,
    PublishDiagnosticsParams, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::completion::complete;
use super::diagnose::diagnose;
use super::documents::{Documents, path_of};
use super::hover::hover;
use super::positions::{self, offset};
use crate::diagnostic::{At, Diagnostic, FilePath, Language, Place, Severity};
use crate::pipeline::{AsOf, Options};

/// What the command line says.
pub struct Settings {
    /// The site's folder; without one, the editor's.
    pub site: Option<PathBuf>,
    /// The language of messages; without one, the editor's.
    pub language: Option<Language>,
    /// Tells the moment.
    pub clock: fn() -> Timestamp,
}

/// Serves an editor until it says goodbye. Whether it did so properly.
///
/// # Errors
/// Messages out of order, or an editor that went away.
pub fn run(connection: &Connection, settings: &Settings) -> Result<bool, ProtocolError> {
    let (id, parameters) = connection.initialize_start()?;
    let parameters: InitializeParams = serde_json::from_value(parameters).unwrap_or_default();
    connection.initialize_finish(id, serde_json::json!({ "capabilities": capabilities() }))?;
    let mut server = Server {
        connection,
        language: settings.language.unwrap_or_else(|| language(&parameters)),
        documents: Documents::new(&folder(settings, &parameters)),
        clock: settings.clock,
        shown: BTreeSet::new(),
    };
    server.judge_site();
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(true);
                }
                server.answer(request);
            }
            Message::Notification(told) if told.method == notification::Exit::METHOD => return Ok(false),
            Message::Notification(told) => server.hear(told),
            Message::Response(_) => {}
        }
    }
    Ok(false)
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([" ", ":", "[", "(", "{", "/"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    }
}

/// Chinese, unless the editor speaks English.
fn language(parameters: &InitializeParams) -> Language {
    match &parameters.locale {
        Some(locale) if locale.to_ascii_lowercase().starts_with("en") => Language::English,
        _ => Language::Chinese,
    }
}

fn folder(settings: &Settings, parameters: &InitializeParams) -> PathBuf {
    #[expect(deprecated, reason = "older editors send nothing else")]
    let root = parameters.root_uri.as_ref();
    let workspace = parameters.workspace_folders.iter().flatten().next().map(|folder| &folder.uri);
    let folder = settings.site.clone().or_else(|| workspace.or(root).and_then(path_of));
    std::path::absolute(folder.unwrap_or_else(|| PathBuf::from("."))).unwrap_or_default()
}

struct Server<'c> {
    connection: &'c Connection,
    language: Language,
    documents: Documents,
    clock: fn() -> Timestamp,
    /// The files that the editor shows messages of.
    shown: BTreeSet<FilePath>,
}

impl Server<'_> {
    fn answer(&mut self, request: Request) {
        let (id, method, parameters) = (request.id, request.method, request.params);
        match method.as_str() {
            request::Completion::METHOD => self.reply(id, parameters, Self::complete),
            request::HoverRequest::METHOD => self.reply(id, parameters, Self::hover),
            _ => {
                let code = lsp_server::ErrorCode::MethodNotFound as i32;
                self.send(Message::Response(Response::new_err(id, code, method)));
            }
        }
    }

    fn reply<P: DeserializeOwned, A: Serialize>(
        &self,
        id: RequestId,
        parameters: Value,
        answer: fn(&Self, P) -> Option<A>,
    ) {
        let response = match serde_json::from_value::<P>(parameters) {
            Ok(parameters) => Response::new_ok(id, answer(self, parameters)),
            Err(error) => Response::new_err(id, lsp_server::ErrorCode::InvalidParams as i32, error.to_string()),
        };
        self.send(Message::Response(response));
    }

    fn send(&self, message: Message) {
        // An editor that went away is noticed where its messages are awaited.
        drop(self.connection.sender.send(message));
    }

    fn complete(&self, parameters: CompletionParams) -> Option<CompletionResponse> {
        let at = parameters.text_document_position;
        let file = self.documents.file(&at.text_document.uri)?;
        let offset = offset(self.documents.open.get(&file)?, at.position);
        Some(CompletionResponse::Array(complete(&self.documents, &file, offset, self.language)))
    }

    fn hover(&self, parameters: HoverParams) -> Option<Hover> {
        let at = parameters.text_document_position_params;
        let file = self.documents.file(&at.text_document.uri)?;
        let text = self.documents.open.get(&file)?;
        let (value, word) = hover(&self.documents, &file, offset(text, at.position), self.language)?;
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        Some(Hover { contents, range: Some(positions::range(text, &word)) })
    }

    fn hear(&mut self, told: Notification) {
        match told.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                if let Ok(it) = serde_json::from_value::<DidOpenTextDocumentParams>(told.params) {
                    self.take(&it.text_document.uri, it.text_document.text);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Ok(it) = serde_json::from_value::<DidChangeTextDocumentParams>(told.params)
                    && let Some(change) = it.content_changes.into_iter().next_back()
                {
                    self.take(&it.text_document.uri, change.text);
                }
            }
            notification::DidSaveTextDocument::METHOD => self.judge_site(),
            notification::DidCloseTextDocument::METHOD => {
                if let Ok(it) = serde_json::from_value::<DidCloseTextDocumentParams>(told.params)
                    && let Some(file) = self.documents.file(&it.text_document.uri)
                {
                    self.documents.open.remove(&file);
                    self.judge(&file);
                }
            }
            _ => {}
        }
    }

    /// Takes the text that the editor shows now.
    fn take(&mut self, uri: &Uri, text: String) {
        if let Some(file) = self.documents.file(uri) {
            self.documents.open.insert(file.clone(), text);
            self.judge(&file);
        }
    }

    /// Looks at the whole site on the disk, and tells what is wrong in every file.
    fn judge_site(&mut self) {
        let options = Options { as_of: AsOf::Clock((self.clock)()), base_url: None, drafts: false, future: false };
        self.documents.look(&options);
        let found = self.documents.found.iter().map(|diagnostic| diagnostic.place.file.clone());
        let files: BTreeSet<FilePath> =
            found.chain(self.documents.open.keys().cloned()).chain(self.shown.iter().cloned()).collect();
        files.iter().for_each(|file| self.judge(file));
    }

    /// Tells what is wrong in a file: of the text that is open, and of the whole site while that text is the saved one.
    fn judge(&mut self, file: &FilePath) {
        let documents = &self.documents;
        let saved = documents.root.excerpt(file);
        let open = documents.open.get(file);
        let is_saved = open.is_none_or(|text| saved.as_deref() == Some(text.as_str()));
        let mut found = open.map_or_else(Vec::new, |text| diagnose(documents, file, text));
        let of_site = documents.found.iter().filter(|diagnostic| is_saved && diagnostic.place.file == *file);
        found.extend(of_site.cloned());
        found.sort();
        found.dedup();
        let is_known = if found.is_empty() { !self.shown.remove(file) } else { !self.shown.insert(file.clone()) };
        // Silence about a file of which nothing was ever said needs no message, unless it is open.
        if found.is_empty() && is_known && open.is_none() {
            return;
        }
        let Some(uri) = self.documents.uri(file) else { return };
        let diagnostics = found.iter().map(|diagnostic| self.translate(diagnostic)).collect();
        let parameters = PublishDiagnosticsParams { uri, diagnostics, version: None };
        let method = notification::PublishDiagnostics::METHOD.to_owned();
        self.send(Message::Notification(Notification::new(method, parameters)));
    }

    /// A message as the protocol has it, with how to mend it behind it.
    fn translate(&self, diagnostic: &Diagnostic) -> lsp_types::Diagnostic {
        let word = if self.language == Language::Chinese { "怎样改：" } else { "help: " };
        let mut message = diagnostic.message.get(self.language).to_owned();
        if let Some(label) = &diagnostic.label {
            message += &format!("\n{}", label.get(self.language));
        }
        for help in &diagnostic.help {
            message += &format!("\n{word}{}", help.get(self.language));
        }
        let related = diagnostic.related.iter().filter_map(|(place, text)| {
            let location = Location::new(self.documents.uri(&place.file)?, self.range(place));
            Some(DiagnosticRelatedInformation { location, message: text.get(self.language).to_owned() })
        });
        let related: Vec<_> = related.collect();
        lsp_types::Diagnostic {
            range: self.range(&diagnostic.place),
            severity: Some(match diagnostic.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
            }),
            code: Some(NumberOrString::String(diagnostic.code.to_string())),
            source: Some("xinfeng".to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            ..lsp_types::Diagnostic::default()
        }
    }

    fn range(&self, place: &Place) -> lsp_types::Range {
        let (At::Bytes(start, end), Some(text)) = (&place.at, self.documents.text(&place.file)) else {
            return lsp_types::Range::default();
        };
        positions::range(&text, &(*start..*end))
    }
}
