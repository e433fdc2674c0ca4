//! What holds of every program in every language. That it runs is `examples/scripts`'s to say.

use super::*;
use crate::experiment::script::{Act, Call, Function, GatherRule, Span, Statement};

fn call(function: &str, name: &str) -> Call {
    Call { name: name.into(), function: function.into(), millis: 1_500 }
}

fn function(name: &str, body: &[Act]) -> Function {
    Function { name: name.into(), body: body.to_vec() }
}

fn fetch() -> Function {
    function("fetch_page", &[Act::Say("{name} begins".into()), Act::Sleep(Span::Given), Act::Return("{name}".into())])
}

fn refuse() -> Function {
    function("refuse", &[Act::Sleep(Span::Millis(250)), Act::Fail("no \"answer\"".into())])
}

fn text_of(language: Language, of: &Program, dialect: Dialect) -> String {
    program(language, of, dialect).into_iter().map(|line| line.text + "\n").collect()
}

fn text(language: Language, main: &[Statement]) -> String {
    let of = Program { functions: vec![fetch(), refuse()], main: main.to_vec(), permits: Some(3) };
    text_of(language, &of, Dialect::default())
}

/// Each language's program says its own words, in their order.
#[track_caller]
fn says(main: &[Statement], words: [&[&str]; 3]) {
    for (language, words) in Language::ALL.into_iter().zip(words) {
        let text = text(language, main);
        let mut rest = &*text;
        for word in words {
            let found = rest.find(word);
            assert!(found.is_some(), "{word} is missing in {}, or not in its place:\n{text}", language.name());
            rest = &rest[found.unwrap_or_default() + word.len()..];
        }
    }
}

fn gather(rule: GatherRule) -> Vec<Statement> {
    let calls = vec![call("fetch_page", "a"), call("refuse", "b"), call("fetch_page", "c")];
    vec![Statement::Gather { calls, rule }, Statement::SayResults]
}

/// Programs that together have every statement and act.
fn all() -> Vec<Vec<Statement>> {
    let names = || vec!["a".into(), "b".into()];
    let start = |name| Statement::Start(call("fetch_page", name));
    let permits = [Act::TakePermit, Act::Sleep(Span::Millis(10)), Act::Compute(Span::Millis(20)), Act::GivePermit];
    vec![
        gather(GatherRule::Isolate),
        gather(GatherRule::Raise),
        gather(GatherRule::Group),
        vec![Statement::AsCompleted { calls: vec![call("fetch_page", "a"), call("refuse", "b")] }],
        vec![Statement::GatherInThreads { calls: vec![call("fetch_page", "a")] }, Statement::SayResults],
        vec![start("a"), start("b"), Statement::WaitFirst(names()), Statement::SayDone(names())],
        vec![start("a"), start("b"), Statement::WaitAtMost { tasks: names(), millis: 700 }, Statement::Cancel(names())],
        vec![
            Statement::Make(call("fetch_page", "a")),
            Statement::Await("a".into()),
            Statement::Call(call("refuse", "b")),
        ],
        permits.map(Statement::Do).to_vec(),
        vec![Statement::Do(Act::Say("{braces} $ ` \\ \" {name}".into())), Statement::Do(Act::Return("x".into()))],
    ]
}

#[test]
fn what_is_opened_is_closed() {
    for (language, main) in
        Language::ALL.into_iter().flat_map(|language| all().into_iter().map(move |it| (language, it)))
    {
        let text = text(language, &main);
        // Braces of texts are the one exception: they are even by themselves.
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            let count = |c: char| text.matches(c).count();
            assert_eq!(count(open), count(close), "{open} in {}:\n{text}", language.name());
        }
        let depth = |line: &str| line.len() - line.trim_start().len();
        let step = if language == Language::JavaScript { 2 } else { 4 };
        assert!(text.lines().all(|line| depth(line) % step == 0), "{text}");
        assert!(text.lines().all(|line| line.trim_end() == line && line.chars().count() <= 120), "{text}");
        assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "{text}");
    }
}

#[test]
fn nothing_stands_there_that_is_not_used() {
    let quiet = [Statement::Call(call("fetch_page", "a"))];
    for language in Language::ALL {
        let text = text(language, &quiet).to_lowercase();
        for word in ["semaphore", "compute", "refuse", "failure", "join", "abort", "thread", "task"] {
            let is_there = text.replace("current_thread", "").contains(word);
            assert!(!is_there, "{word} in {}:\n{text}", language.name());
        }
    }
    // What a function does not need it is not given.
    says(
        &[Statement::Call(call("refuse", "a"))],
        [
            &["async def refuse():", "await refuse()"],
            &["async function refuse()", "await refuse();"],
            &["async fn refuse() ->", "refuse().await?;", "Ok(())"],
        ],
    );
}

#[test]
fn a_failure_does_to_the_others_what_the_rule_says() {
    says(
        &gather(GatherRule::Isolate),
        [
            &["gather(", "return_exceptions=True", "isinstance(result, Exception)"],
            &["Promise.allSettled", "fulfilled"],
            &["join_all([", "Ok(value)", "Err(error)"],
        ],
    );
    says(
        &gather(GatherRule::Raise),
        [
            &["the others run on", "try:", "gather(", "except RuntimeError", "failed: "],
            &["the others run on", "try {", "Promise.all(", "catch (error)", "failed: "],
            &["the others are dropped", "try_join_all", "failed: "],
        ],
    );
    says(
        &gather(GatherRule::Group),
        [
            &["the others are cancelled", "TaskGroup", "except* RuntimeError", "failed: "],
            &["no task group", "AbortController", "fetchPage(\"a\", 1.5, abort.signal)", "abort.abort()", "allSettled"],
            &["JoinSet::new()", "group.spawn", "group.shutdown()", "failed: "],
        ],
    );
}

#[test]
fn a_task_is_started_and_a_call_is_only_made() {
    let kept = |statement: fn(Call) -> Statement| [statement(call("fetch_page", "a")), Statement::Await("a".into())];
    says(
        &kept(Statement::Start),
        [
            &["a = asyncio.create_task(fetch_page(\"a\", 1.5))", "await a"],
            &["const a = fetchPage(\"a\", 1.5);", "await a;"],
            &["let a = tokio::spawn(fetch_page(\"a\", 1.5));", "a.await.unwrap();"],
        ],
    );
    says(
        &kept(Statement::Make),
        [
            &["a = fetch_page(\"a\", 1.5)", "await a"],
            &["const a = fetchPage(\"a\", 1.5);", "await a;"],
            &["let a = fetch_page(\"a\", 1.5);", "a.await;"],
        ],
    );
}

#[test]
fn a_promise_is_wrapped_only_where_more_is_asked_of_it() {
    let mut main = vec![Statement::Start(call("fetch_page", "a")), Statement::Await("a".into())];
    assert!(!text(Language::JavaScript, &main).contains("class Task"));
    main.push(Statement::SayDone(vec!["a".into()]));
    let text = text(Language::JavaScript, &main);
    assert!(text.contains("class Task") && text.contains("a.result") && !text.contains("AbortController"), "{text}");
}

#[test]
fn the_dialect_says_how_many_threads_there_are() {
    let of = Program { functions: vec![fetch()], main: Vec::new(), permits: None };
    let rust = |dialect| text_of(Language::Rust, &of, dialect).contains("current_thread");
    assert!(rust(Dialect::TokioOneThread) && rust(Dialect::Asyncio) && !rust(Dialect::TokioManyThreads));
}

#[test]
fn what_has_a_name_of_the_language_gets_another() {
    let body = [Act::Sleep(Span::Given)];
    let calls = ["for", "print", "1st", "A", "a", "fetch"].map(|name| Statement::Start(call("fetch", name)));
    let names = ["for", "print", "1st", "A", "a", "fetch"].map(Into::into).to_vec();
    let main = calls.into_iter().chain([Statement::SayDone(names)]).collect();
    let of = Program { functions: vec![function("fetch", &body), function("match", &body)], main, permits: None };
    let text = text_of(Language::Python, &of, Dialect::Asyncio);
    assert!(text.contains("[for_task, print_task, task_1st, a, a_task, fetch_task]"), "{text}");
}

#[test]
fn a_text_says_the_same_in_every_language() {
    let say = [Statement::Do(Act::Say("{it} costs $5\\ `\"` {name}".into()))];
    says(
        &say,
        [
            &[r#"print("{it} costs $5\\ `\"` main")"#],
            &[r#"console.log("{it} costs $5\\ `\"` main");"#],
            &[r#"println!("{{it}} costs $5\\ `\"` main");"#],
        ],
    );
    let body = [Act::Say("{it} costs $5\\ `\"` {name}".into())];
    for (language, line) in Language::ALL.into_iter().zip([
        r#"print(f"{{it}} costs $5\\ `\"` {name}")"#,
        r#"console.log(`{it} costs \$5\\ \`"\` ${name}`);"#,
        r#"println!("{{it}} costs $5\\ `\"` {name}");"#,
    ]) {
        let main = vec![Statement::Call(call("tell", "a"))];
        let of = Program { functions: vec![function("tell", &body)], main, permits: None };
        let text = text_of(language, &of, Dialect::default());
        assert!(text.contains(line), "{line}:\n{text}");
    }
}

#[test]
fn a_permit_is_given_back_however_its_holder_ends() {
    let guarded = |body: &[Act]| Program {
        functions: vec![function("guarded", body)],
        main: vec![Statement::Call(call("guarded", "a"))],
        permits: Some(7),
    };
    let nested =
        guarded(&[Act::TakePermit, Act::Sleep(Span::Given), Act::TakePermit, Act::GivePermit, Act::GivePermit]);
    let python = text_of(Language::Python, &nested, Dialect::default());
    let block = "    async with semaphore:
        await asyncio.sleep(seconds)
        async with semaphore:
            pass
";
    assert!(python.contains("asyncio.Semaphore(7)") && python.contains(block), "{python}");
    let javascript = text_of(Language::JavaScript, &nested, Dialect::default());
    let inner = "    await semaphore.acquire();
    semaphore.release();
  } finally {
    semaphore.release();
";
    assert!(javascript.contains("new Semaphore(7)") && javascript.contains(inner), "{javascript}");
    let rust = text_of(Language::Rust, &nested, Dialect::default());
    assert!(
        rust.contains("const_new(7)")
            && rust.contains(
                "    drop(permit2);
    drop(permit);
"
            ),
        "{rust}"
    );
    // One that is never given back by name is so at the end; one that was never taken is nothing.
    let kept = guarded(&[Act::GivePermit, Act::TakePermit, Act::Sleep(Span::Given)]);
    let rust = text_of(Language::Rust, &kept, Dialect::default());
    assert!(rust.contains("let _permit =") && !rust.contains("drop("), "{rust}");
    let javascript = text_of(Language::JavaScript, &kept, Dialect::default());
    assert_eq!(javascript.matches("semaphore.release();").count(), 1, "{javascript}");
}

#[test]
fn where_node_does_otherwise_a_comment_says_so() {
    let lost = [Statement::Start(call("refuse", "a")), Statement::Do(Act::Sleep(Span::Millis(9)))];
    assert!(text(Language::JavaScript, &lost).contains("Node ends the program"));
    let failing = [Statement::Start(call("fetch_page", "a")), Statement::Call(call("refuse", "b"))];
    let text = text(Language::JavaScript, &failing);
    assert!(text.contains("// Not awaited") && text.ends_with("\nmain();\n"), "{text}");
}

#[test]
fn a_script_of_the_course_is_a_screen_of_code() {
    let mut scripts = 0;
    for row in crate::lesson::all() {
        let workload = (row.experiment)().workload;
        let Some(script) = workload.script() else { continue };
        scripts += 1;
        for (language, of) in
            Language::ALL.into_iter().flat_map(|language| script.programs.iter().map(move |of| (language, of)))
        {
            let text = text_of(language, of, script.dialect);
            assert!(text.lines().count() <= 42, "{} in {}:\n{text}", row.id, language.name());
            assert!(text.lines().all(|line| line.chars().count() <= 110), "{} in {}:\n{text}", row.id, language.name());
        }
    }
    assert!(scripts > 10, "the course begins with scripts");
}
