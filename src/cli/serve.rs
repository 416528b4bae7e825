//! `xinfeng serve`: says where the preview is, and what each change brought.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use clap::ArgMatches;

use super::FAILED;
use super::terminal::{Terminal, count, counted, explain, is_coloured};
use crate::diagnostic::{Diagnostic, Language, Text};
use crate::qr::Code;
use crate::serve::{Server, ServerError, Settings, State};

pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let terminal = Terminal::new(language, arguments);
    let settings = Settings {
        site: super::site(arguments),
        host: arguments.get_one::<String>("host").cloned().unwrap_or_default(),
        port: arguments.get_one::<u16>("port").copied().unwrap_or_default(),
        options: super::options(arguments),
        poll: arguments.get_flag("poll"),
        follow: arguments.get_flag("follow"),
        language,
    };
    let server = match patiently(terminal, || Server::start(&settings)) {
        Ok(server) => server,
        Err(ServerError::Site(error)) => {
            let (text, code) = explain(&error);
            terminal.fail(&text);
            return ExitCode::from(code);
        }
        Err(ServerError::NoSite(found, root)) => {
            terminal.draw(&[*found], &|file| root.excerpt(file));
            return ExitCode::from(FAILED);
        }
        Err(ServerError::Listen(host, error)) => return terminal.fail(&listen_text(&host, settings.port, &error)),
    };
    let urls = Urls::of(server.address(), &server.home());
    greet(&terminal, &urls, &server, settings.port);
    if arguments.get_flag("open")
        && let Err(error) = open::that_detached(&urls.here)
    {
        let why = Text::from(&error);
        terminal.say(&Text::new(
            format!("浏览器打不开（{}），请自己打开上面的地址", why.zh),
            format!("the browser could not be opened ({}): please open the address above yourself", why.en),
        ));
    }
    watch(&terminal, &server)
}

/// Says that the site is being read, if that takes long.
fn patiently<T>(terminal: Terminal, read: impl FnOnce() -> T) -> T {
    const LONG: Duration = Duration::from_secs(1);
    let (done, waiting) = channel::<()>();
    std::thread::spawn(move || {
        if waiting.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
            terminal.say(&Text::new("正在读取网站，请稍候…", "Reading the site…"));
        }
    });
    let result = read();
    drop(done);
    result
}

/// Tells each change until the program is ended from outside.
fn watch(terminal: &Terminal, server: &Server) -> ExitCode {
    let mut known = server.state();
    tell(terminal, &known, &[]);
    while let Some(state) = server.wait_for_next(known.number) {
        tell(terminal, &state, &known.diagnostics);
        known = state;
    }
    ExitCode::SUCCESS
}

/// Says what a state brought; messages that were said before are not said again.
fn tell(terminal: &Terminal, state: &State, said: &[Diagnostic]) {
    let new: Vec<Diagnostic> = state.diagnostics.iter().filter(|found| !said.contains(found)).cloned().collect();
    terminal.draw(&new, &|file| state.root.excerpt(file));
    if let Some(trouble) = &state.trouble {
        terminal.fail(trouble);
    }
    if let Some(change) = state.history.last().filter(|change| change.number == state.number && change.number > 1) {
        let titles: Vec<&str> = change.pages.iter().map(|page| page.title.as_str()).collect();
        terminal.say(&updated(&titles, change.untold));
    }
    let (errors, warnings) = count(&state.diagnostics);
    if errors > 0 {
        let end = if state.edition.is_some() {
            Text::new("，预览停在上一次正确的样子", "; the preview stays as it was when it was last right")
        } else {
            Text::new("，改正后网站会自动显示", "; mend them, and the site appears by itself")
        };
        terminal.say(&Text::new(
            format!("有 {errors} 处错误{}", end.zh),
            format!("{}{}", counted(errors, "error"), end.en),
        ));
    } else if warnings > 0 && !new.is_empty() {
        let text = format!("{}; the site is shown all the same", counted(warnings, "warning"));
        terminal.say(&Text::new(format!("有 {warnings} 条提醒，不影响网站显示"), text));
    } else if !said.is_empty() && state.diagnostics.is_empty() {
        terminal.say(&Text::new("错误和提醒都改好了", "all errors and warnings are mended"));
    }
}

/// The changed items by some of their titles; `untold` more have none here.
fn updated(titles: &[&str], untold: usize) -> Text {
    const NAMED: usize = 3;
    let named = &titles[..titles.len().min(NAMED)];
    if named.is_empty() {
        return Text::new("已更新", "updated");
    }
    let (zh, en) = (named.join("》《"), named.join("\", \""));
    let count = titles.len() + untold;
    let (more_zh, more_en) = match count - named.len() {
        0 => (String::new(), String::new()),
        more => (format!("等 {count} 篇"), format!(" and {more} more")),
    };
    Text::new(format!("已更新：《{zh}》{more_zh}"), format!("updated: \"{en}\"{more_en}"))
}

fn listen_text(host: &str, port: u16, error: &io::Error) -> Text {
    if error.kind() == io::ErrorKind::AddrInUse {
        return Text::new(
            format!("从 {port} 起的端口都被占用了，请用 --port 换一个"),
            format!("no port is free from {port} on: name another one by --port"),
        );
    }
    let why = Text::from(error);
    Text::new(
        format!("无法在“{host}”上打开预览：{}。--host 后面应当是本机的地址，例如 127.0.0.1 或 0.0.0.0", why.zh),
        format!(
            "cannot serve on \"{host}\": {}. --host takes an address of this machine, such as 127.0.0.1 or 0.0.0.0",
            why.en
        ),
    )
}

/// The addresses of the site's home page.
struct Urls {
    /// For a browser on this machine.
    here: String,
    /// For other machines, where the preview is open to them.
    network: Option<String>,
    front: String,
}

impl Urls {
    fn of(address: SocketAddr, home: &str) -> Self {
        let at = |ip: IpAddr| format!("http://{}", SocketAddr::new(ip, address.port()));
        let ip = address.ip();
        let here = match ip {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let network = if ip.is_unspecified() { address_in_network() } else { Some(ip).filter(|ip| !ip.is_loopback()) };
        Self {
            here: format!("{}{home}", at(here)),
            network: network.map(|ip| format!("{}{home}", at(ip))),
            front: format!("{}{}", at(here), crate::serve::FRONT),
        }
    }
}

/// The address under which others of the network know this machine: the one that it would send from. Nothing is sent.
fn address_in_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address for documentation (RFC 5737).
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

fn greet(terminal: &Terminal, urls: &Urls, server: &Server, wanted: u16) {
    let port = server.address().port();
    if wanted != 0 && port != wanted {
        terminal.say(&Text::new(
            format!("端口 {wanted} 被占用，改用 {port}"),
            format!("port {wanted} is taken: using {port}"),
        ));
    }
    terminal.say(&Text::new(format!("网站　　　{}", urls.here), format!("Site          {}", urls.here)));
    terminal.say(&Text::new(format!("预览首页　{}", urls.front), format!("Preview home  {}", urls.front)));
    if let Some(network) = &urls.network {
        terminal.say(&Text::new(format!("手机扫码　{network}"), format!("Phone         {network}")));
        let drawing = qr(network, is_coloured(&io::stdout()));
        terminal.say(&Text::new(drawing.clone(), drawing));
        terminal.say(&Text::new(
            "同一网络里的人都能看到这个预览，用完请结束",
            "Whoever is in this network can see the preview: end it when you are done",
        ));
    }
    if server.is_polling() {
        terminal.say(&Text::new(
            "这里收不到文件改动的通知，改为隔一会儿查看一遍",
            "the file system sends no word of changes here: looking at the files in turn",
        ));
    }
    terminal
        .say(&Text::new("保存文件后网页自动更新，按 Ctrl+C 结束", "Pages follow each save. Ctrl+C ends the preview"));
}

/// Half a character a module, light ones bright: that scans on dark terminals even without colours.
fn qr(text: &str, is_coloured: bool) -> String {
    let Some(code) = Code::new(text) else { return String::new() };
    let size = code.size();
    let is_light = |x: usize, y: usize| y < size && !code.is_dark(x, y);
    let mut drawing = String::new();
    for y in (0..size).step_by(2) {
        drawing.push_str(if is_coloured { "\x1b[40;97m" } else { "" });
        drawing.extend((0..size).map(|x| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        drawing.push_str(if is_coloured { "\x1b[0m\n" } else { "\n" });
    }
    drawing.truncate(drawing.trim_end_matches('\n').len());
    drawing
}
