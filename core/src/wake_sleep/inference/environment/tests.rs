use super::*;
use crate::dsl::theory::library::Theory;
use crate::metamath_db::database::Database;

/// Theorems, the easiest first, so that random play ends some of them.
const SHORT: &str = "
ta $p |- ( A = B -> ( F ` A ) = ( F ` B ) ) $= ? $.
tb $p |- ( ( A = B /\\ ps ) -> ( A = B /\\ ( ch -> ps ) ) ) $= ? $.
${ tc.1 $e |- ( ph -> ps ) $.  tc.2 $e |- ( ps -> ch ) $.  tc $p |- ( ph -> ch ) $= ? $. $}
";

fn scribe() -> Arc<Scribe> {
    let source = include_str!("../fixture.mm").to_owned() + SHORT;
    let db = Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"));
    let theory = Arc::new(Theory::new(Arc::new(db)));
    let usable: Vec<bool> = (0..theory.len() as u32).map(|p| theory.premise(PremiseId(p)).is_some()).collect();
    Arc::new(Scribe::of(theory, &usable))
}

fn environment(scribe: &Arc<Scribe>, label: &str) -> Environment {
    let theory = scribe.prepared.theory.clone();
    Environment::new(scribe.clone(), |arena| theory.find_task(label, arena)).unwrap()
}

/// A pseudo-random generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn what_is_legal_can_be_done_and_what_is_not_changes_nothing() {
    let scribe = scribe();
    for label in ["ta", "tb", "tc"] {
        let mut e = environment(&scribe, label);
        let mut random = Random(7);
        for _ in 0..40 {
            let legal = e.legal();
            let before = e.state();
            for action in (0..e.actions()).filter(|a| !legal.contains(a)) {
                assert!(e.step(action).is_err(), "{label}: {:?} of {before}", e.name(action));
                assert_eq!(e.state(), before);
            }
            assert_eq!(e.legal(), legal); // now from memory
            for &action in &legal[..] {
                e.step(action).unwrap_or_else(|why| panic!("{label}: {:?} of {before}: {why:?}", e.name(action)));
                assert!(e.undo());
                assert_eq!(e.state(), before);
            }
            let Some(&action) = legal.get(random.below(legal.len().max(1))) else { break };
            e.step(action).unwrap();
            if e.open() > 8 {
                e.reset();
            }
        }
    }
}

#[test]
fn a_step_taken_back_leaves_the_state_as_it_was() {
    let scribe = scribe();
    let mut e = environment(&scribe, "tb");
    let (mut random, mut states) = (Random(3), vec![e.state()]);
    for _ in 0..12 {
        let legal = e.legal();
        let Some(&action) = legal.get(random.below(legal.len().max(1))) else { break };
        e.step(action).unwrap();
        states.push(e.state());
    }
    assert!(states.len() > 3);
    let mut again = e.clone();
    while let Some(state) = states.pop() {
        assert_eq!(e.state(), state);
        assert_eq!(e.undo(), !states.is_empty());
    }
    assert_eq!(again.steps(), again.clone().steps());
    again.reset();
    assert_eq!(again.state(), e.state());
}

#[test]
fn finished_attempts_are_proofs() {
    let scribe = scribe();
    let theory = scribe.prepared.theory.clone();
    for label in ["ta", "tb", "tc"] {
        let (mut finished, mut random) = (0, Random(1));
        let mut e = environment(&scribe, label);
        for _ in 0..200 {
            e.reset();
            for _ in 0..12 {
                let legal = e.legal();
                if legal.is_empty() || e.open() > 6 {
                    break;
                }
                e.step(legal[random.below(legal.len())]).unwrap();
            }
            if e.open() == 0 {
                let (proof, _) = e.proof().unwrap_or_else(|why| panic!("{label}: {why}"));
                let mut arena = e.arena().clone();
                theory.elaborate(e.task(), &proof, &mut arena).unwrap();
                finished += 1;
            }
        }
        assert!(finished > 0, "{label}");
    }
}

#[test]
fn decisions_may_be_written_out() {
    let scribe = scribe();
    let mut e = environment(&scribe, "tc");
    assert!(e.decide("HYP nosuch").is_err());
    assert!(e.decide("JUMP").is_err());
    assert!(e.decide("APPLY").is_err());
    assert_eq!(e.steps(), 0);
    assert_eq!(e.decide("HYPOTHESIZE  ps").unwrap(), 2);
    assert_eq!(e.goals()[0], (vec!["ph".to_owned()], "|- ps".to_owned()));
    assert_eq!(e.decide("HYP tc.1").unwrap(), 2);
    assert!(e.proof().unwrap_err().contains("2 goals are open"));
}
