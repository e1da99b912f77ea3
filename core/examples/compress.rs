//! A database compressed, in one cycle or with a random share added in a second one: `compress FILE [SHARE] [bytes|steps]`.
use metadream_core::compression::lemmas::learn::Options;
use metadream_core::compression::lemmas::price::Price;
use metadream_core::compression::measure::{compress, compress_in_two, Compressed};
use metadream_core::dsl::theory::library::Theory;
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::judges::check::check_source;
use std::sync::Arc;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a .mm file");
    let share: f64 = args.next().map_or(0.0, |n| n.parse().expect("a share"));
    let price = match args.next().as_deref() {
        Some("steps") => Price::Steps { statement: 2 },
        _ => Price::Bytes,
    };
    let options = Options { price, ..Options::default() };
    let db = Database::load(std::fs::read(&path).expect("readable")).unwrap_or_else(|e| panic!("{path}:{e}"));
    let mut theory = Theory::new(Arc::new(db));
    let print = |what: &str, c: &Compressed| {
        let f = &c.figures;
        let change = 100.0 * (f.bytes_after() as f64 / f.bytes_before as f64 - 1.0);
        let total: f64 = c.seconds.iter().map(|s| s.1).sum();
        println!(
            "{what}: {} -> {} bytes ({change:+.3} %), {} lemmas, net {:.2} %, {total:.2} s",
            f.bytes_before,
            f.bytes_after(),
            f.lemmas,
            100.0 * f.net()
        );
        println!("  {:?}", c.seconds);
        println!("  kernel accepts: {}", check_source(c.text.clone(), 2).accepted);
    };
    let clean = theory.clone();
    print("at once", &compress(&mut theory, &options).expect("written"));
    if share > 0.0 {
        let (done, added) = compress_in_two(&mut clean.clone(), &options, share, 0).expect("written");
        print(&format!("{added} added"), &done);
    }
}
