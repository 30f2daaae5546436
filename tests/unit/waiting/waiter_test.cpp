// What the loop does and when; real time, with generous limits.
#include "fake_probe.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <thread>

using toolkit::Milliseconds;
using toolkit::SteadyTime;
using toolkit::waiting::Ending;
using toolkit::waiting::LeafReport;
using namespace toolkit::waiting::test;

TEST_CASE("what is met at the first look ends the wait at once") {
  Scene scene;
  scene.add(always(met()));
  const auto report = scene.wait();
  CHECK(report.ending == Ending::met);
  CHECK(report.exit_code == 0);
  CHECK(report.seconds < 0.5);
  CHECK(report.missing.empty());
  REQUIRE(report.leaves.size() == 1);
  CHECK(report.leaves[0].text == "fake:0");
  CHECK(report.leaves[0].attempts == 1);
  CHECK(report.leaves[0].answered);
}

TEST_CASE("an empty tree is met") { CHECK(Scene().wait().ending == Ending::met); }

TEST_CASE("all leaves are tried at once, in order, and again until they are met") {
  Scene scene;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    scene.add([&order, i](int attempt) {
      order.push_back(i);
      return attempt < 4 ? refused() : met();
    });
  }
  const auto report = scene.wait();
  CHECK(report.exit_code == 0);
  REQUIRE(order.size() >= 20);
  order.resize(5);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("the pauses between attempts grow and stay within the jitter") {
  Seen seen;
  Scene scene;
  scene.timeout = Milliseconds(400);
  scene.interval = Milliseconds(60);
  scene.add(always(refused()), &seen);
  CHECK(scene.wait().exit_code == 124);
  REQUIRE(seen.begun_at.size() >= 4);
  double base = 10;
  for (std::size_t i = 1; i < seen.begun_at.size(); ++i) {
    CAPTURE(i);
    const std::chrono::duration<double, std::milli> pause = seen.begun_at[i] - seen.begun_at[i - 1];
    CHECK(pause.count() >= base * 0.8 * 31 / 32 - 0.1);  // a thirty-second may be taken off
    base = std::min(base * 1.5, 50.0);
  }
}

TEST_CASE("where nobody says how often, the probe does, by what it has found") {
  const auto attempts = [](std::optional<Milliseconds> interval) {
    Seen seen;
    Scene scene;
    scene.timeout = Milliseconds(400);
    scene.interval = interval;
    scene.add(always(refused()), &seen).set_pace([](int count) {
      return Milliseconds(count < 15 ? 2 : 60'000);
    });
    CHECK(scene.wait().exit_code == 124);
    return seen.begins;
  };
  // From 10 ms on and growing by half there would be eight in that time.
  const int by_pace = attempts(std::nullopt);
  CHECK(by_pace >= 15);
  CHECK(by_pace <= 15 + 12);
  CHECK(attempts(Milliseconds(60'000)) <= 9);
}

TEST_CASE("a probe that never answers does not hold the deadline") {
  Scene scene;
  scene.timeout = Milliseconds(250);
  scene.attempt_timeout = Milliseconds(50);
  scene.add(silent());
  scene.add(always(met()));
  const auto report = scene.wait();
  CHECK(report.ending == Ending::timed_out);
  CHECK(report.exit_code == 124);
  CHECK(report.seconds >= 0.25);
  CHECK(report.seconds < 0.75);
  CHECK(report.missing == std::vector<std::size_t>{0});
  CHECK(report.leaves[0].finding.reason == Reason::timed_out);
  CHECK(report.leaves[0].attempts >= 2);  // begun anew each time
  CHECK(report.leaves[1].finding.met);
}

TEST_CASE("neither does one that is always ready and never done") {
  Scene scene;
  scene.timeout = Milliseconds(200);
  FakeProbe& probe = scene.add(silent());
  stir(probe.add_event());
  probe.misbehave();
  Seen other;
  scene.add(always(refused()), &other);
  const auto report = scene.wait();
  CHECK(report.exit_code == 124);
  CHECK(report.seconds < 0.7);
  CHECK(other.begins >= 3);  // and the others had their turns
}

TEST_CASE("an attempt that is cut off leaves what was known before") {
  Scene scene;
  scene.timeout = Milliseconds(600);
  scene.add([](int attempt) -> std::optional<Finding> {
    return attempt == 1 ? std::optional(refused()) : std::nullopt;
  });
  const auto report = scene.wait();
  CHECK(report.leaves[0].finding.reason == Reason::refused);
  CHECK(report.leaves[0].attempts == 2);
}

TEST_CASE("the first attempt that is cut off is told of as such") {
  Scene scene;
  scene.timeout = Milliseconds(50);
  scene.add(silent());
  const auto report = scene.wait();
  CHECK(report.leaves[0].answered);
  CHECK(report.leaves[0].finding.reason == Reason::timed_out);
  CHECK(report.leaves[0].finding.words.starts_with("no answer within "));
}

TEST_CASE("an attempt that had its time tells what was heard last") {
  Scene scene;
  scene.timeout = Milliseconds(300);
  scene.attempt_timeout = Milliseconds(40);
  scene.add([](int attempt) -> std::optional<Finding> {
    return attempt == 1 ? std::optional(refused()) : std::nullopt;
  });
  const auto report = scene.wait();
  CHECK(report.leaves[0].finding.reason == Reason::timed_out);
  CHECK(report.leaves[0].finding.words.ends_with("; before that: connection refused"));
}

TEST_CASE("an event brings the next attempt at once") {
  Scene scene;
  scene.interval = Milliseconds(60'000);
  std::atomic<bool> ready = false;
  FakeProbe& probe = scene.add([&](int) { return ready ? met() : refused(); });
  const int event = probe.add_event();
  probe.tell_all();
  SteadyTime stirred;
  std::thread world([&] {
    std::this_thread::sleep_for(Milliseconds(100));
    ready = true;
    stirred = std::chrono::steady_clock::now();
    stir(event);
  });
  const auto report = scene.wait();
  world.join();
  CHECK(report.exit_code == 0);
  CHECK(report.leaves[0].attempts == 2);
  CHECK(std::chrono::steady_clock::now() - stirred < Milliseconds(500));
}

TEST_CASE("a stream of events is not followed more often than once a millisecond") {
  Seen seen;
  Scene scene;
  scene.timeout = Milliseconds(200);
  int event = -1;
  FakeProbe& probe = scene.add(
      [&](int) {
        stir(event);
        return refused();
      },
      &seen);
  event = probe.add_event();
  CHECK(scene.wait().exit_code == 124);
  CHECK(seen.begins >= 5);
  CHECK(seen.begins <= 201);
}

TEST_CASE("a probe that tells all is not asked by the clock") {
  Scene scene;
  scene.timeout = Milliseconds(200);
  scene.add(always(refused())).tell_all();
  CHECK(scene.wait().leaves[0].attempts == 1);
}

TEST_CASE("but when it does not answer it is") {
  Scene scene;
  scene.attempt_timeout = Milliseconds(20);
  FakeProbe& probe = scene.add([](int attempt) -> std::optional<Finding> {
    return attempt < 3 ? std::nullopt : std::optional(met());
  });
  probe.tell_all();
  CHECK(scene.wait().exit_code == 0);
}

TEST_CASE("what is final is not asked again") {
  Seen seen;
  Scene scene;
  scene.timeout = Milliseconds(200);
  scene.add(always(over(0)), &seen);
  scene.add(always(refused()));
  CHECK(scene.wait().ending == Ending::timed_out);
  CHECK(seen.begins == 1);
}

TEST_CASE("a signal ends the wait, and only a signal") {
  for (const int signal : {SIGTERM, 0}) {
    Scene scene;
    scene.timeout = Milliseconds(150);
    scene.add(always(refused()));
    const toolkit::UniqueFd event(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
    scene.interrupt = {event.get(), [&] {
                         std::uint64_t count = 0;
                         (void)!::read(event.get(), &count, sizeof count);
                         return signal;
                       }};
    const auto report = scene.wait();
    CHECK(report.ending == (signal != 0 ? Ending::interrupted : Ending::timed_out));
    CHECK(report.exit_code == (signal != 0 ? 143 : 124));
    CHECK(report.signal == signal);
    CHECK(report.leaves[0].attempts > 0);
  }
}

TEST_CASE("progress is shown at each change of a leaf, and now and then without one") {
  Scene scene;
  scene.timeout = Milliseconds(900);
  scene.add([](int attempt) { return attempt < 3 ? refused() : met(); });
  scene.add(silent());
  std::vector<bool> first_leaf;
  double last = 0;
  scene.progress.every = Milliseconds(60);
  scene.progress.show = [&](const std::vector<LeafReport>& leaves, double seconds) {
    first_leaf.push_back(leaves[0].finding.met);
    last = seconds;
  };
  CHECK(scene.wait().exit_code == 124);
  REQUIRE(first_leaf.size() >= 3);
  CHECK(first_leaf.size() <= 18);
  CHECK_FALSE(first_leaf[0]);
  CHECK(first_leaf.back());
  CHECK(last > 0.1);
}

TEST_CASE("an attempt that finds what the last one found is no news") {
  Scene scene;
  Seen seen;
  scene.timeout = Milliseconds(200);
  scene.interval = Milliseconds(10);
  scene.add(always(refused()), &seen);
  int shown = 0;
  scene.progress.every = Milliseconds(60'000);
  scene.progress.show = [&](const std::vector<LeafReport>&, double) { ++shown; };
  CHECK(scene.wait().exit_code == 124);
  CHECK(seen.begins >= 4);
  CHECK(shown == 1);
}

TEST_CASE("what wakes us and is no event of the probe brings no attempt") {
  Scene scene;
  Seen seen;
  scene.timeout = Milliseconds(300);
  FakeProbe& probe = scene.add(always(refused()), &seen);
  stir(probe.add_event());
  probe.misbehave();
  CHECK(scene.wait().exit_code == 124);
  CHECK(seen.advances >= 20);
  CHECK(seen.begins <= 12);  // pauses that grow from 10 ms on
}

TEST_CASE("a wait is made of what was typed") {
  const std::vector<std::string> operands{"file:/", "not", "file:/nonexistent"};
  toolkit::waiting::Options options;
  auto tree = toolkit::condition::parse(operands);
  REQUIRE(tree);
  options.tree = std::move(*tree);
  auto waiter = toolkit::waiting::Waiter::make(std::move(options));
  REQUIRE(waiter);
  const auto report = (*waiter)->wait({}, {});
  CHECK(report.ending == Ending::met);
  REQUIRE(report.leaves.size() == 2);
  CHECK(report.leaves[0].finding.met);
  CHECK(report.leaves[1].negated);
}

TEST_CASE("mistakes in a leaf come back before anything is tried") {
  toolkit::waiting::Options options;
  options.tree = tree_of(leaf(0), 1);
  options.tree.leaves[0].scheme.text = "nonsense";
  CHECK_FALSE(toolkit::waiting::Waiter::make(std::move(options)));
}
