//! What the operating system and the network say went wrong, in both languages: the one place where an [`io::Error`]
//! becomes a [`Text`].
//!
//! The system itself speaks English, or what it is set to. Start at [`Text::from`].

use std::error::Error;
use std::io::{self, ErrorKind};

use super::Text;

impl From<&io::Error> for Text {
    /// In Chinese the usual reasons by name, and what is rare as the system says it; in English as the system says it.
    fn from(error: &io::Error) -> Self {
        // Libraries wrap what the system says, with paths that stand in our messages already.
        if let Some(inner) = error.get_ref().and_then(|wrapped| of_system(wrapped)) {
            return Self::from(inner);
        }
        let en = error.to_string();
        let zh = name(error.kind()).or_else(|| name_of_number(error.raw_os_error()?));
        Self { zh: zh.map_or_else(|| en.clone(), str::to_owned), en }
    }
}

impl From<&ureq::Error> for Text {
    fn from(error: &ureq::Error) -> Self {
        let zh = match error {
            ureq::Error::Io(error) => return Self::from(error),
            ureq::Error::HostNotFound => "找不到这个网站",
            ureq::Error::ConnectionFailed => "连不上",
            ureq::Error::Timeout(_) => "等待超时",
            ureq::Error::BodyExceedsLimit(_) => "内容太大",
            ureq::Error::BadUri(_) => "网址不对",
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "证书有问题，或加密连接没有建成",
            _ => return Self::new(error.to_string(), error.to_string()),
        };
        Self::new(zh, error.to_string())
    }
}

impl Text {
    /// Why something failed, where a library wraps what the system says.
    pub fn of_error(error: &(dyn Error + 'static)) -> Self {
        of_system(error).map_or_else(|| Self::new(error.to_string(), error.to_string()), Self::from)
    }
}

/// What the system said, in an error or behind it.
fn of_system<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.find_map(|error| error.downcast_ref::<io::Error>())
}

fn name(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "没有这个文件或文件夹",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "同名的文件已经存在",
        ErrorKind::IsADirectory => "这是一个文件夹，不是文件",
        ErrorKind::NotADirectory => "路径中间有一个不是文件夹",
        ErrorKind::DirectoryNotEmpty => "文件夹不是空的",
        ErrorKind::InvalidFilename => "文件名太长，或含有不能用的字符",
        ErrorKind::InvalidInput => "名字里有不能用的字符",
        ErrorKind::StorageFull => "磁盘满了",
        ErrorKind::QuotaExceeded => "超出了空间限额",
        ErrorKind::FileTooLarge => "文件太大",
        ErrorKind::ReadOnlyFilesystem => "磁盘是只读的",
        ErrorKind::CrossesDevices => "两处不在同一个磁盘上",
        ErrorKind::TooManyLinks => "链接太多",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "正被别的程序占用",
        ErrorKind::StaleNetworkFileHandle => "网络磁盘上的文件已经失效",
        ErrorKind::OutOfMemory => "内存不足",
        ErrorKind::UnexpectedEof => "数据不完整",
        ErrorKind::Unsupported => "系统不支持这个操作",
        ErrorKind::TimedOut => "等待超时",
        ErrorKind::Interrupted => "操作被打断",
        ErrorKind::BrokenPipe => "对方已经关闭",
        ErrorKind::AddrInUse => "地址被占用了",
        ErrorKind::AddrNotAvailable => "这不是本机的地址",
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotConnected => "连接中断",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "网络不通",
        _ => return None,
    })
}

/// What the standard library has no name for.
fn name_of_number(number: i32) -> Option<&'static str> {
    Some(match (cfg!(windows), number) {
        (false, 5) | (true, 23 | 1117) => "磁盘读写出错（磁盘可能坏了，或者网络磁盘断开了）",
        (false, 23 | 24) | (true, 4) => "打开的文件太多",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_reasons_have_a_name_in_chinese_and_rare_ones_stay() {
        let check = |error: &io::Error, zh: &str, en: &str| assert_eq!(Text::from(error), Text::new(zh, en));
        check(&ErrorKind::StorageFull.into(), "磁盘满了", "no storage space");
        check(&io::Error::other("odd"), "odd", "odd");
        #[cfg(unix)]
        {
            check(&io::Error::from_raw_os_error(2), "没有这个文件或文件夹", "No such file or directory (os error 2)");
            let broken = "磁盘读写出错（磁盘可能坏了，或者网络磁盘断开了）";
            check(&io::Error::from_raw_os_error(5), broken, "Input/output error (os error 5)");
        }
    }

    #[test]
    fn a_reason_of_the_system_is_found_within_another_error() {
        let inner = io::Error::from(ErrorKind::PermissionDenied);
        let outer = io::Error::other(inner);
        assert_eq!(
            (Text::of_error(&outer).zh.as_str(), Text::from(&outer).en.as_str()),
            ("没有权限", "permission denied")
        );
        assert_eq!(Text::of_error(&std::fmt::Error).zh, std::fmt::Error.to_string());
    }
}
