//! What was left out of an imported file and what is doubtful, so that nothing is lost silently.

use crate::diagnostic::Text;
use crate::spam::Spam;

/// A piece of the file that is not in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Whole, or shortened by whoever prints it.
    pub text: String,
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It stands in the front matter instead.
    FrontMatter,
    /// The front matter has what another place says.
    Overruled,
    /// 关闭、打印、字号 …
    Furniture,
    /// Columns, breadcrumbs, related articles: what stands around the article.
    Around,
    /// Behind the article's end.
    AfterEnd,
    Spam(Spam),
    /// In the other script than the page.
    OtherScript,
    /// Not to be seen on the page.
    Hidden,
    Script,
    /// A form or something that runs: a button, a frame.
    Interactive,
    /// A video or an audio.
    Medium,
    /// Deleted in the document, with changes tracked.
    Deleted,
    /// Hidden in the document, as remarks for colleagues are.
    HiddenText,
    /// Printed at the edge of every page of a document.
    Margin,
    /// Said of the document by those who read it.
    Comment,
    MissingFile,
    /// The link's text stays, its address led to the old site.
    DeadLink,
    UnsafeLink,
    /// Not copied: the picture or file stays where it is.
    Remote,
    /// A picture that stands around the article.
    Decoration,
}

impl Reason {
    /// Its stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FrontMatter => "front-matter",
            Self::Overruled => "overruled",
            Self::Furniture => "furniture",
            Self::Around => "around",
            Self::AfterEnd => "after-end",
            Self::Spam(_) => "spam",
            Self::OtherScript => "other-script",
            Self::Hidden => "hidden",
            Self::Script => "script",
            Self::Interactive => "interactive",
            Self::Medium => "medium",
            Self::Deleted => "deleted",
            Self::HiddenText => "hidden-text",
            Self::Margin => "margin",
            Self::Comment => "comment",
            Self::MissingFile => "missing-file",
            Self::DeadLink => "dead-link",
            Self::UnsafeLink => "unsafe-link",
            Self::Remote => "remote",
            Self::Decoration => "decoration",
        }
    }

    pub fn text(&self) -> Text {
        let (zh, en) = match self {
            Self::FrontMatter => ("已写入开头的字段", "taken into the front matter"),
            Self::Overruled => ("同一字段别处写的不同，采用了别处的", "another place says otherwise, and was taken"),
            Self::Furniture => ("网页按钮和版权信息", "page furniture"),
            Self::Around => ("正文以外的导航和链接", "navigation around the article"),
            Self::AfterEnd => ("在正文结束之后", "after the end of the article"),
            Self::OtherScript => ("与全文简繁不同，疑似被插入", "in the other script than the page: probably injected"),
            Self::Hidden => ("网页上看不见的内容，疑似暗链", "hidden on the page: probably injected"),
            Self::Script => ("脚本", "script"),
            Self::Interactive => ("按钮、表单或嵌入的页面", "a button, form or frame"),
            Self::Medium => (
                "视频或音频，要用请把文件放到文章旁边，在正文里写 <video> 或 <audio>",
                "a video or audio: to keep it, put it beside the item and write <video> or <audio>",
            ),
            Self::Deleted => ("文档里以修订方式删除的文字", "deleted in the document's tracked changes"),
            Self::HiddenText => ("文档里隐藏的文字", "hidden text of the document"),
            Self::Margin => ("文档的页眉、页脚", "the header or footer of the document's pages"),
            Self::Comment => ("文档里的批注", "a comment in the document"),
            Self::MissingFile => ("没有找到这个文件", "the file was not found"),
            Self::DeadLink => ("链接指向旧网站，只保留了文字", "led to the old site: only its words are kept"),
            Self::UnsafeLink => ("不安全的链接，只保留了文字", "an unsafe link: only its words are kept"),
            Self::Remote => ("文件在别的网站，正文里仍是链接", "stays on another site, as a link"),
            Self::Decoration => ("正文以外的图片", "a picture around the article"),
            Self::Spam(spam) => return spam_text(spam),
        };
        Text::new(zh, en)
    }
}

fn spam_text(spam: &Spam) -> Text {
    let reasons: Vec<Text> = spam.reasons.iter().map(crate::spam::Reason::text).collect();
    let join = |separator: &str, get: fn(&Text) -> &String| {
        reasons.iter().map(|reason| get(reason).as_str()).collect::<Vec<_>>().join(separator)
    };
    Text::new(
        format!("疑似被植入的垃圾文字（{} 分：{}）", spam.score, join("，", |text| &text.zh)),
        format!("probably injected spam (score {}: {})", spam.score, join(", ", |text| &text.en)),
    )
}
