//! The open texts and the site around them: its configuration, its items, and what is wrong with it as a whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use lsp_types::Uri;

use crate::diagnostic::{Diagnostic, FilePath};
use crate::parse::asked::Subject;
use crate::parse::item::{Item, ItemType, PAGES};
use crate::parse::registry::{ColumnId, Registry};
use crate::pipeline::{Edition, Memory, Options, configuration, edition};
use crate::source::{CONTENT, Root, SITE_FILE, Sources, is_item};

/// What the editor has open, and the site on the disk.
pub struct Documents {
    pub root: Root,
    /// The open texts.
    pub open: BTreeMap<FilePath, String>,
    /// `None` where `site.yaml` is missing or broken.
    pub registry: Option<Registry>,
    /// Of the whole site, as it was on the disk when it was last saved.
    pub found: Vec<Diagnostic>,
    /// That site, without the items that have errors; `None` where there could be none.
    pub site: Option<(Edition, Sources)>,
    memory: Memory,
}

impl Documents {
    pub fn new(folder: &Path) -> Self {
        Self {
            root: Root::new(folder),
            open: BTreeMap::new(),
            registry: None,
            found: Vec::new(),
            site: None,
            memory: Memory::packing(),
        }
    }

    /// Reads the site as it is on the disk now. What cannot be read leaves what was known.
    pub fn look(&mut self, options: &Options) {
        self.registry = configuration(&self.root, None).ok().and_then(Result::ok);
        if let Ok((outcome, sources)) = edition(self.root.folder(), options, &mut self.memory) {
            self.found = outcome.diagnostics;
            self.site = outcome.edition.or(outcome.remains).map(|edition| (edition, sources));
        }
    }

    /// All items that can be read, in the order of their files.
    pub fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.memory.items()
    }

    /// A file's text: the editor's, else the disk's.
    pub fn text(&self, file: &FilePath) -> Option<String> {
        self.open.get(file).cloned().or_else(|| self.root.excerpt(file).map(|text| text.to_string()))
    }

    /// The site's file of an address; `None` where it lies elsewhere.
    pub fn file(&self, uri: &Uri) -> Option<FilePath> {
        let path = path_of(uri)?;
        let below = path.strip_prefix(self.root.folder()).ok()?;
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        Some(FilePath::new(parts?.join("/")))
    }

    pub fn uri(&self, file: &FilePath) -> Option<Uri> {
        let url = url::Url::from_file_path(self.root.on_disk(file)).ok()?;
        Uri::from_str(url.as_str()).ok()
    }

    /// Whose keys stand in a file.
    pub fn subject(&self, file: &FilePath, text: &str) -> Option<Subject> {
        if file.as_str() == SITE_FILE {
            return Some(Subject::Site);
        }
        let registry = self.registry.as_ref().filter(|_| is_item(file))?;
        let folder = file.as_str().strip_prefix(CONTENT)?.trim_start_matches('/').split('/').next()?;
        let front_matter = text.lines().skip(1).take_while(|line| line.trim_end() != "---");
        let written = front_matter.into_iter().find_map(|line| {
            let name = line.strip_prefix("type:").or_else(|| line.strip_prefix("类型:"))?;
            ItemType::named(name.trim())
        });
        let column = registry.find_column(folder).map(|id: ColumnId| registry.column(id).item_type);
        let of_folder = column.or_else(|| (folder == PAGES).then_some(ItemType::Page))?;
        Some(Subject::Item(written.unwrap_or(of_folder)))
    }
}

/// The path of a `file:` address.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    url::Url::parse(uri.as_str()).ok()?.to_file_path().ok()
}
