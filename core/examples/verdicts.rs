//! Prints both verdicts on each file: `verdicts FILES`.
use metadream_core::metamath_db::judges::check::{check_source, knife_check};

fn main() {
    for f in std::env::args().skip(1) {
        let bytes = std::fs::read(&f).expect("readable");
        let r = check_source(bytes.clone(), 1);
        let k = if f.contains("doubling_30") || f.contains("ill_formed") {
            Err("(not run)".into())
        } else {
            knife_check(&bytes)
        };
        let k = match k {
            Ok(k) => format!(
                "{} errors {} incomplete {}",
                if k.errors == 0 && k.incomplete == 0 { "ACCEPT" } else { "reject" },
                k.errors,
                k.notes.first().map_or("", |n| &n.message)
            ),
            Err(e) => format!("reject {e}"),
        };
        let m = r.first_errors.first().or(r.first_incomplete.first()).map_or("", |e| &e.message);
        println!("{f}\t{} {m}\t{k}", if r.accepted { "ACCEPT" } else { "reject" });
    }
}
