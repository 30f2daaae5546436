// What is believed: nothing is met for what was not seen, and a `for` means all of its time.
#include "fake_probe.hpp"

#include <doctest/doctest.h>

using toolkit::Milliseconds;
using toolkit::waiting::Ending;
using namespace toolkit::waiting::test;

namespace {

Finding unknown(bool final) { return {false, final, Reason::unknown, "permission denied", 3}; }

}  // namespace

TEST_CASE("any is met by one leaf while another is silent") {
  Scene scene;
  scene.root = node(Kind::any, {leaf(0), leaf(1)});
  scene.add(silent());
  scene.add(always(over(3)));
  const auto report = scene.wait();
  CHECK(report.ending == Ending::over);
  CHECK(report.exit_code == 3);
  CHECK(report.seconds < 1);
}

TEST_CASE("a not waits for an answer") {
  Scene scene;
  scene.root = node(Kind::not_, {leaf(0)});
  scene.attempt_timeout = Milliseconds(30);
  scene.timeout = Milliseconds(150);
  scene.add(silent());
  const auto report = scene.wait();
  CHECK(report.ending == Ending::timed_out);
  CHECK(report.missing == std::vector<std::size_t>{0});
}

TEST_CASE("a not is met by an answer that is no, and waits for what is") {
  Scene scene;
  scene.root = node(Kind::not_, {leaf(0)});
  scene.add([](int attempt) { return attempt < 3 ? met() : refused(); });
  const auto report = scene.wait();
  CHECK(report.exit_code == 0);
  CHECK(report.leaves[0].attempts == 3);
  CHECK(report.leaves[0].negated);
}

TEST_CASE("what cannot be seen is neither met nor not met") {
  for (const bool negated : {false, true}) {
    for (const bool final : {false, true}) {
      CAPTURE(negated);
      CAPTURE(final);
      Scene scene;
      scene.timeout = Milliseconds(100);
      scene.root = negated ? node(Kind::not_, {leaf(0)}) : leaf(0);
      scene.add(always(unknown(final)));
      const auto report = scene.wait();
      CHECK(report.ending == (final ? Ending::unknown : Ending::timed_out));
      CHECK(report.exit_code == (final ? 3 : 124));
    }
  }
}

TEST_CASE("a job that is over ends a wait for it not to be") {
  Scene scene;
  scene.root = node(Kind::not_, {leaf(0)});
  scene.add(always(over(0)));
  CHECK(scene.wait().exit_code == 122);
}

TEST_CASE("final refusals end the wait with their code") {
  const std::vector<std::pair<Finding, int>> cases{
      {{false, true, Reason::lost, "lost", 120}, 120},
      {{false, true, Reason::over, "exited 4", 4}, 4},
      {{false, true, Reason::auth, "password authentication failed", {}}, 122},
  };
  for (const auto& [finding, code] : cases) {
    Scene scene;
    scene.add(always(refused()));
    scene.add(always(finding));
    const auto report = scene.wait();
    CHECK(report.exit_code == code);
    CHECK(report.seconds < 1);
  }
}

TEST_CASE("a for lasts its time and is looked at several times in it") {
  Scene scene;
  scene.root = node(Kind::for_, {leaf(0)}, Milliseconds(200));
  scene.interval = Milliseconds(60'000);
  scene.add(always(met()));
  const auto report = scene.wait();
  CHECK(report.exit_code == 0);
  CHECK(report.seconds >= 0.2);
  CHECK(report.seconds < 2);
  CHECK(report.leaves[0].attempts >= 2);
}

TEST_CASE("a for begins anew when its leaf goes away") {
  Seen seen;
  Scene scene;
  scene.root = node(Kind::for_, {leaf(0)}, Milliseconds(200));
  scene.add([](int attempt) { return attempt == 3 ? refused() : met(); }, &seen);
  const auto report = scene.wait();
  CHECK(report.exit_code == 0);
  REQUIRE(seen.begun_at.size() >= 4);
  const std::chrono::duration<double> gone = seen.begun_at[3] - seen.begun_at[0];
  CHECK(report.seconds >= gone.count() + 0.2 - 0.001);
}

TEST_CASE("a for does not end well while the leaf, asked again, is silent") {
  Scene scene;
  scene.root = node(Kind::for_, {leaf(0)}, Milliseconds(150));
  scene.timeout = Milliseconds(500);
  scene.add([](int attempt) -> std::optional<Finding> {
    return attempt == 1 ? std::optional(met()) : std::nullopt;
  });
  const auto report = scene.wait();
  CHECK(report.ending == Ending::timed_out);
  CHECK(report.missing == std::vector<std::size_t>{0});
}

TEST_CASE("a silent leaf of a for does not matter when another suffices") {
  Scene scene;
  scene.root = node(Kind::any, {node(Kind::for_, {leaf(0)}, Milliseconds(100)), leaf(1)});
  scene.timeout = Milliseconds(3'000);
  scene.add([](int attempt) -> std::optional<Finding> {
    return attempt == 1 ? std::optional(met()) : std::nullopt;
  });
  scene.add([](int attempt) { return attempt < 12 ? refused() : met(); });
  CHECK(scene.wait().ending == Ending::met);
}

TEST_CASE("a not is met by no answer but a denial") {
  const struct {
    const char* name;
    Finding finding;
    int exit_code;
  } cases[] = {
      {"a lost job", {false, true, Reason::lost, "", 120}, 120},
      {"an end of which the code is unknown", {false, true, Reason::unknown, "", 3}, 3},
      {"a process or command that is not there", {false, true, Reason::absent, "", {}}, 122},
      {"no answer in time", {false, false, Reason::timed_out, "", {}}, 124},
      {"another code than the wanted", {false, true, Reason::over, "", 5}, 0},
      {"a file that is not there", {false, false, Reason::absent, "", {}}, 0},
      {"a user that is refused", {false, true, Reason::auth, "", {}}, 0},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    Scene scene;
    scene.timeout = Milliseconds(100);
    scene.root = node(Kind::not_, {leaf(0)});
    scene.add(always(each.finding));
    CHECK(scene.wait().exit_code == each.exit_code);
  }
}
