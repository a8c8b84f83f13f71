//! What came of it, as plain data: functions with their lines, and the tree that a flame graph shows.
//! Times are seconds, summed over threads and processes. `docs/profiling.md` describes the JSON.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::sampler::Seen;
use crate::stacks::{Frame, Time};

/// As many nodes as a person could look at; what is smaller than the smallest of them is left out.
const MOST_NODES: usize = 4000;
/// Longer sources are shown where they are hot.
const WHOLE_FUNCTION: u32 = 120;

/// A finished profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Always `pyxidium-profile`.
    pub format: String,
    /// Of the format: 1.
    pub version: u32,
    /// The app's name.
    pub app: String,
    /// From Python's start to its end.
    pub seconds: f64,
    /// Processor time of the first process.
    pub processor_seconds: f64,
    /// Looks in a second, as it turned out.
    pub rate: f64,
    /// Stacks that were read.
    pub samples: u64,
    /// Stacks that made no sense, and were left out.
    pub torn: u64,
    /// Processes that were looked at.
    pub processes: u64,
    /// Time in which threads were running.
    pub busy: f64,
    /// Time in which threads waited.
    pub waiting: f64,
    /// Time that the profiler itself took.
    pub profiler_seconds: f64,
    /// The program's exit code; null: it was stopped.
    pub exit: Option<i32>,
    /// Every function that was seen, the hottest first.
    pub functions: Vec<Function>,
    /// The tree of calls: a parent stands before its children.
    pub nodes: Vec<Node>,
}

/// Whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The author's.
    App,
    /// Of an installed package.
    Package,
    /// The standard library, and Python itself.
    Stdlib,
    /// Made at run time.
    Other,
}

/// A function, or a module's own code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its qualified name.
    pub name: String,
    /// As Python names it.
    pub file: String,
    /// As a person would: `app.py`, `numpy/linalg.py`.
    pub place: String,
    /// Where it begins, decorators included.
    pub line: u32,
    /// Whose it is.
    pub kind: Kind,
    /// The package's folder.
    pub package: Option<String>,
    /// While one of its own lines ran.
    #[serde(rename = "self")]
    pub own: f64,
    /// With everything that it called.
    pub total: f64,
    /// While it waited, or what it called.
    pub waiting: f64,
    /// Its lines, those with heat and those between.
    pub lines: Vec<Line>,
    /// Whether it fits `@kernel`; null: nobody could ask.
    pub kernel: Option<Verdict>,
}

/// A line of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in the file.
    pub line: u32,
    /// Its text, if the file can be read.
    pub text: String,
    /// While this line ran.
    #[serde(rename = "self")]
    pub own: f64,
    /// With what it called.
    pub total: f64,
    /// While it waited.
    pub waiting: f64,
}

/// A function as it was called by the functions above it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its index among the functions.
    pub function: usize,
    /// Who called it; null at the root.
    pub parent: Option<usize>,
    /// While one of its own lines ran.
    #[serde(rename = "self")]
    pub own: f64,
    /// While one of its own lines waited.
    pub waiting: f64,
}

/// Whether a function fits `@kernel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// It does.
    pub fits: bool,
    /// What keeps it out.
    pub problems: Vec<Problem>,
}

/// What keeps a function from being a kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line in the file.
    pub line: u32,
    /// The source that is meant.
    #[serde(default)]
    pub expression: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    #[serde(default)]
    pub hint: String,
}

/// How to tell whose code is whose.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The app's name.
    pub app: String,
    /// The app's own folder.
    pub project: PathBuf,
    /// The running executable, below which its payload is visible.
    pub executable: PathBuf,
}

impl Places {
    /// Whose a file is, its package, and how a person would name it.
    fn of(&self, file: &str) -> (Kind, Option<String>, String) {
        let path = Path::new(file);
        if let Some((_, inside)) = file.rsplit_once("/site-packages/") {
            let package = inside.split('/').next().unwrap_or(inside);
            let package = package.strip_suffix(".py").unwrap_or(package).to_owned();
            return (Kind::Package, Some(package), inside.to_owned());
        }
        let below = |folder: &Path| path.strip_prefix(folder).ok().map(shown);
        if let Some(inside) = below(&self.executable.join("app")) {
            return (Kind::App, None, inside);
        }
        if let Some(inside) = below(&self.executable.join("lib/python3.13")) {
            return (Kind::Stdlib, None, inside);
        }
        if let Some(inside) = below(&self.project) {
            return (Kind::App, None, inside);
        }
        if let Some((_, inside)) = file.rsplit_once("/lib/python3.13/") {
            return (Kind::Stdlib, None, inside.to_owned());
        }
        if file.starts_with("<frozen ") {
            return (Kind::Stdlib, None, file.to_owned());
        }
        (Kind::Other, None, file.to_owned())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The file that our own line in the app is said to come from.
pub(crate) const OURS: &str = "<pyxidium.profiling>";

/// Frames that say nothing about the app: how modules are found and started.
fn is_machinery(file: &str) -> bool {
    ["importlib", "runpy", "_pyxidium"].iter().any(|name| {
        file.strip_prefix("<frozen ")
            .is_some_and(|f| f.starts_with(name))
    })
}

/// What happens for the profiler, and would not happen without it.
fn is_ours(file: &str) -> bool {
    file == OURS || file.contains("/site-packages/pyxidium/profiling/")
}

#[derive(Debug, Default, Clone)]
struct Sums {
    own: u64,
    total: u64,
    waiting: u64,
    lines: BTreeMap<u32, (u64, u64, u64)>,
}

#[derive(Debug)]
struct Branch {
    function: usize,
    own: u64,
    waiting: u64,
    total: u64,
    children: BTreeMap<usize, usize>,
    parent: Option<usize>,
}

/// Sums of a run.
pub(crate) fn of(seen: &Seen, places: &Places, exit: Option<i32>) -> Profile {
    let codes = &seen.codes.list;
    let hidden: Vec<bool> = codes.iter().map(|c| is_machinery(&c.file)).collect();
    let is_hidden = |f: &Frame| hidden.get(f.0 as usize).copied().unwrap_or(true);
    let ours: Vec<bool> = codes.iter().map(|c| is_ours(&c.file)).collect();
    let is_ours = |f: &Frame| ours.get(f.0 as usize).copied().unwrap_or(true);
    let mut sums = vec![Sums::default(); codes.len()];
    let mut tree: Vec<Branch> = Vec::new();
    let mut roots: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut busy, mut waiting, mut samples) = (0, 0, 0);
    for (stack, time) in seen.stacks.all() {
        if stack.iter().any(is_ours) {
            continue;
        }
        let stack: Vec<Frame> = stack.iter().filter(|f| !is_hidden(f)).copied().collect();
        // A line on its own that stands in no file: how we, and child processes, are started.
        let alone = |f: &Frame| {
            codes
                .get(f.0 as usize)
                .is_some_and(|c| c.file == "<string>")
        };
        if stack.is_empty() || matches!(&stack[..], [only] if alone(only)) {
            continue;
        }
        samples += time.samples;
        busy += time.busy;
        waiting += time.waiting;
        add_to_functions(&mut sums, &stack, time);
        add_to_tree(&mut tree, &mut roots, &stack, time);
    }
    let mut order: Vec<usize> = (0..codes.len())
        .filter(|&i| sums.get(i).is_some_and(|s| s.total + s.waiting > 0))
        .collect();
    let heat = |&i: &usize| sums.get(i).map_or((0, 0), |s| (s.own, s.total));
    order.sort_by_key(|i| std::cmp::Reverse(heat(i)));
    let mut texts = Texts::default();
    let functions = order
        .iter()
        .filter_map(|&i| {
            Some(function(
                codes.get(i)?,
                sums.get(i)?,
                places,
                busy,
                &mut texts,
            ))
        })
        .collect();
    let index: HashMap<usize, usize> = order.iter().enumerate().map(|(i, o)| (*o, i)).collect();
    Profile {
        format: "pyxidium-profile".into(),
        version: 1,
        app: places.app.clone(),
        seconds: rounded(seen.seconds),
        processor_seconds: rounded(seen.processor),
        rate: rounded(seen.rounds as f64 / seen.seconds.max(0.001)),
        samples,
        torn: seen.torn,
        processes: seen.processes,
        busy: seconds(busy),
        waiting: seconds(waiting),
        profiler_seconds: rounded(seen.spent),
        exit,
        functions,
        nodes: nodes(&tree, &roots, &index),
    }
}

fn add_to_functions(sums: &mut [Sums], stack: &[Frame], time: Time) {
    // A recursive function was there once, however deep.
    let functions: BTreeSet<u32> = stack.iter().map(|f| f.0).collect();
    for function in functions {
        if let Some(sum) = sums.get_mut(function as usize) {
            sum.total += time.busy;
            sum.waiting += time.waiting;
        }
    }
    let places: BTreeSet<&Frame> = stack.iter().collect();
    for (function, line) in places {
        if let Some(sum) = sums.get_mut(*function as usize) {
            let line = sum.lines.entry(*line).or_default();
            line.1 += time.busy;
            line.2 += time.waiting;
        }
    }
    if let Some((function, line)) = stack.last()
        && let Some(sum) = sums.get_mut(*function as usize)
    {
        sum.own += time.busy;
        sum.lines.entry(*line).or_default().0 += time.busy;
    }
}

fn add_to_tree(
    tree: &mut Vec<Branch>,
    roots: &mut BTreeMap<usize, usize>,
    stack: &[Frame],
    time: Time,
) {
    let mut parent: Option<usize> = None;
    for (function, _) in stack {
        let function = *function as usize;
        let new = tree.len();
        let siblings = match parent.and_then(|p| tree.get_mut(p)) {
            Some(parent) => &mut parent.children,
            None => &mut *roots,
        };
        let node = *siblings.entry(function).or_insert(new);
        if node == new {
            tree.push(Branch {
                function,
                own: 0,
                waiting: 0,
                total: 0,
                children: BTreeMap::new(),
                parent,
            });
        }
        if let Some(branch) = tree.get_mut(node) {
            branch.total += time.busy + time.waiting;
        }
        parent = Some(node);
    }
    if let Some(branch) = parent.and_then(|p| tree.get_mut(p)) {
        branch.own += time.busy;
        branch.waiting += time.waiting;
    }
}

/// The tree as a list, the largest first, and small branches left out where there are too many.
fn nodes(
    tree: &[Branch],
    roots: &BTreeMap<usize, usize>,
    index: &HashMap<usize, usize>,
) -> Vec<Node> {
    let mut totals: Vec<u64> = tree.iter().map(|b| b.total).collect();
    totals.sort_unstable_by(|a, b| b.cmp(a));
    let least = totals.get(MOST_NODES).map_or(0, |t| t + 1);
    let mut nodes = Vec::new();
    let mut at: HashMap<usize, usize> = HashMap::new();
    let mut open: Vec<usize> = sorted(roots.values(), tree);
    while let Some(number) = open.pop() {
        let Some(branch) = tree.get(number).filter(|b| b.total >= least) else {
            continue;
        };
        let Some(&function) = index.get(&branch.function) else {
            continue;
        };
        at.insert(number, nodes.len());
        nodes.push(Node {
            function,
            parent: branch.parent.and_then(|p| at.get(&p).copied()),
            own: seconds(branch.own),
            waiting: seconds(branch.waiting),
        });
        open.extend(sorted(branch.children.values(), tree));
    }
    nodes
}

/// The smallest first: taken from the end.
fn sorted<'a>(numbers: impl Iterator<Item = &'a usize>, tree: &[Branch]) -> Vec<usize> {
    let mut numbers: Vec<usize> = numbers.copied().collect();
    numbers.sort_by_key(|n| tree.get(*n).map(|b| b.total));
    numbers
}

fn function(code: &Code, sums: &Sums, places: &Places, busy: u64, texts: &mut Texts) -> Function {
    let (kind, package, place) = places.of(&code.file);
    // What hardly runs needs no text.
    let warm = kind == Kind::App && sums.total * 500 > busy;
    let range = code.line..=code.last_line;
    let short = code.last_line.saturating_sub(code.line) < WHOLE_FUNCTION;
    let mut numbers: BTreeSet<u32> = sums.lines.keys().copied().collect();
    if warm && short && code.name != "<module>" {
        numbers.extend(range);
    }
    let lines = numbers
        .into_iter()
        .map(|line| {
            let (own, total, waiting) = sums.lines.get(&line).copied().unwrap_or_default();
            Line {
                line,
                text: if kind == Kind::App {
                    texts.line(&code.file, line)
                } else {
                    String::new()
                },
                own: seconds(own),
                total: seconds(total),
                waiting: seconds(waiting),
            }
        })
        .collect();
    Function {
        name: code.name.clone(),
        file: code.file.clone(),
        place,
        line: code.line,
        kind,
        package,
        own: seconds(sums.own),
        total: seconds(sums.total),
        waiting: seconds(sums.waiting),
        lines,
        kernel: None,
    }
}

/// Source files, each read once.
#[derive(Debug, Default)]
struct Texts(HashMap<String, Vec<String>>);

impl Texts {
    fn line(&mut self, file: &str, line: u32) -> String {
        let lines = self.0.entry(file.to_owned()).or_insert_with(|| {
            let bytes = std::fs::read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            text.lines().map(str::to_owned).collect()
        });
        let index = (line as usize).wrapping_sub(1);
        lines.get(index).cloned().unwrap_or_default()
    }
}

/// Seconds of nanoseconds, to the microsecond.
fn seconds(nanoseconds: u64) -> f64 {
    rounded(nanoseconds as f64 / 1e9)
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
