//! Prints one figure of `metadream bench machine`: `machine_figure NAME [DATABASE]`.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, database @ ..] = &arguments[..] else {
        eprintln!("error: give a figure's name, and a database where it needs one");
        std::process::exit(2);
    };
    match metadream_core::dsl::bench::figure(name, database.first().map(String::as_str)) {
        Ok(found) => println!("{found}"),
        Err(why) => {
            eprintln!("error: {why}");
            std::process::exit(2);
        }
    }
}
