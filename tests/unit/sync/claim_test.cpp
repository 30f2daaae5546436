#include "src/sync/claim.hpp"

#include "src/sync/claim_text.hpp"

#include <toolkit/store/open_store.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

using namespace toolkit;
using namespace toolkit::sync;
using toolkit::support::file_exists;
using toolkit::support::read_file;
using toolkit::support::TempDir;

namespace {

std::unique_ptr<store::Store> store_at(const std::string& path) {
  store::Location location;
  location.path = path;
  auto store = store::open_store(location, {});
  REQUIRE(store);
  return std::move(*store);
}

struct Place {
  TempDir dir;
  std::unique_ptr<store::Store> store = store_at(dir / "dest");
  std::string path = dir / "dest/.toolkit-sync-claim";
  SteadyTime time{std::chrono::hours(1)};
  int sleeps = 0;
  std::function<void()> meanwhile;

  ClaimOptions options(Milliseconds patience = Milliseconds(0)) {
    return {patience, [this] { return time; },
            [this](Milliseconds pause) {
              time += pause;
              ++sleeps;
              if (meanwhile) {
                meanwhile();
              }
              return true;
            }};
  }
  Result<Claim> take(Milliseconds patience = Milliseconds(0)) {
    return Claim::take(*store, options(patience));
  }
  void write(const ClaimText& claim) const {
    dir.write("dest/.toolkit-sync-claim", to_json(claim));
  }
};

ClaimText of_another_host() {
  ClaimText claim = own_claim_text();
  claim.token = "other";
  claim.host = "node-7";
  claim.boot_id = "another";
  claim.pid = 4711;
  claim.since = "2026-01-02T03:04:05.000Z";
  return claim;
}

pid_t dead_process() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, 0);
  return pid;
}

int trials() {
  const char* const wanted = std::getenv("TOOLKIT_TEST_CLAIM_TRIALS");
  return wanted != nullptr ? std::atoi(wanted) : 60;
}

}  // namespace

TEST_CASE("a claim is there while we write and gone afterwards") {
  Place place;
  auto claim = place.take();
  REQUIRE(claim);
  const auto text = parse_claim(read_file(place.path));
  REQUIRE(text);
  CHECK(text->pid == ::getpid());
  CHECK(text->renewals == 0);
  REQUIRE(claim->renew());
  CHECK(parse_claim(read_file(place.path))->renewals == 1);
  CHECK(parse_claim(read_file(place.path))->since == text->since);
  REQUIRE(claim->release());
  CHECK_FALSE(file_exists(place.path));
}

TEST_CASE("a second one is refused at once, with words naming the first") {
  Place place;
  place.write(of_another_host());
  const auto second = place.take();
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::conflict);
  CHECK(second.error().message.find("host node-7, pid 4711, since 2026-01-02T03:04:05.000Z") !=
        std::string::npos);
  CHECK(place.sleeps == 0);
  CHECK(parse_claim(read_file(place.path))->token == "other");
}

TEST_CASE("the claim of a process that is gone is taken over at once") {
  Place place;
  ClaimText claim = own_claim_text();
  SUBCASE("no such process") { claim.pid = dead_process(); }
  SUBCASE("its number belongs to another one now") { claim.start_ticks += 1; }
  place.write(claim);
  CHECK(place.take());
  CHECK(place.sleeps == 0);
}

TEST_CASE("a process of another machine, boot or namespace may be running") {
  Place place;
  ClaimText claim = own_claim_text();
  claim.pid = dead_process();
  SUBCASE("boot") { claim.boot_id = "another"; }
  SUBCASE("namespace") { claim.pid_namespace = "pid:[1]"; }
  SUBCASE("no namespace known") { claim.pid_namespace = ""; }
  place.write(claim);
  CHECK(place.take().error().kind == ErrorKind::conflict);
}

TEST_CASE("a claim that was not renewed for a minute by the destination's clock has ended") {
  Place place;
  place.write(of_another_host());
  const std::int64_t written = (*place.store->stat(kClaimName))->mtime;
  REQUIRE(place.store->set_time(kClaimName, written - 58'000'000'000));
  CHECK(place.take().error().kind == ErrorKind::conflict);
  REQUIRE(place.store->set_time(kClaimName, written - 60'000'000'000));
  CHECK(place.take());
  CHECK(place.store->list("")->size() == 1);  // nothing is left of the asking
}

TEST_CASE("who waits takes what was not renewed for a minute before his eyes") {
  Place place;
  place.write(of_another_host());
  SUBCASE("it never is") {
    CHECK(place.take(Milliseconds(90'000)));
    CHECK(place.sleeps == 60);
  }
  SUBCASE("it is renewed") {
    int looks = 0;
    place.meanwhile = [&] {
      if (++looks % 10 == 0) {
        ClaimText claim = of_another_host();
        claim.renewals = static_cast<std::uint64_t>(looks);
        place.write(claim);
      }
    };
    CHECK(place.take(Milliseconds(180'000)).error().kind == ErrorKind::conflict);
    CHECK(place.sleeps == 180);
  }
  SUBCASE("it is given back") {
    place.meanwhile = [&] { ::unlink(place.path.c_str()); };
    CHECK(place.take(Milliseconds(90'000)));
    CHECK(place.sleeps == 1);
  }
}

TEST_CASE("a claim that was given back where it could not be removed is free at once") {
  Place place;
  place.dir.write("dest/.toolkit-sync-claim", std::string(store::kNothing));
  REQUIRE(place.take());
  CHECK(place.sleeps == 0);
}

TEST_CASE("an empty claim is free when it stays empty") {
  Place place;
  place.dir.write("dest/.toolkit-sync-claim", "");
  SUBCASE("it does") { CHECK(place.take()); }
  SUBCASE("its owner was about to write") {
    place.meanwhile = [&] { place.write(of_another_host()); };
    CHECK(place.take().error().kind == ErrorKind::conflict);
  }
}

TEST_CASE("who lost his claim is told, and does not remove the new one") {
  Place place;
  auto claim = place.take();
  REQUIRE(claim);
  CHECK_FALSE(claim->has_lapsed());
  place.time += kClaimEnds - kRenewClaim;
  CHECK(claim->has_lapsed());
  place.write(of_another_host());
  const auto renewed = claim->renew();
  CHECK(renewed.error().kind == ErrorKind::conflict);
  CHECK(renewed.error().message.find("node-7") != std::string::npos);
  CHECK(claim->release());
  CHECK(parse_claim(read_file(place.path))->token == "other");
}

TEST_CASE("a lost answer, or a removed claim, does not lose it") {
  Place place;
  auto claim = place.take();
  REQUIRE(claim);
  ClaimText mine = *parse_claim(read_file(place.path));
  mine.renewals = 99;  // written by us, as we do not know
  place.write(mine);
  CHECK(claim->renew());
  ::unlink(place.path.c_str());
  CHECK(claim->renew());
  CHECK(file_exists(place.path));
}

TEST_CASE("claims that are none are left alone until they are old") {
  Place place;
  for (const char* text :
       {"not json", "{}", "[1]", "{\"schema\":\"toolkit.sync-claim/1\"", "\xFF"}) {
    place.dir.write("dest/.toolkit-sync-claim", text);
    CHECK(place.take().error().kind == ErrorKind::conflict);
  }
}

TEST_CASE("of eight racers one wins, for a new claim and for a dead one's") {
  const TempDir dir;
  ClaimText dead = own_claim_text();
  dead.pid = dead_process();
  for (int trial = 0; trial < trials(); ++trial) {
    const std::string root = dir / std::to_string(trial);
    if (trial % 2 == 1) {
      dir.write(std::to_string(trial) + "/.toolkit-sync-claim", to_json(dead));
    }
    std::atomic<int> owners{0}, ready{0};
    std::vector<std::thread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back([&] {
        const auto store = store_at(root);
        ++ready;
        while (ready < 8) {
          std::this_thread::yield();
        }
        const auto claim = Claim::take(*store);
        owners += claim ? 1 : 0;
      });
    }
    for (std::thread& racer : racers) {
      racer.join();
    }
    CHECK(owners == 1);
  }
}

TEST_CASE("claims that are taken and given back all the time never overlap") {
  const TempDir dir;
  std::atomic<int> inside{0}, most{0}, taken{0};
  std::vector<std::thread> racers;
  for (int i = 0; i < 8; ++i) {
    racers.emplace_back([&] {
      const auto store = store_at(dir / "dest");
      for (int round = 0; round < trials(); ++round) {
        auto claim = Claim::take(*store);
        if (claim) {
          const int now = ++inside;
          most = std::max(most.load(), now);
          std::this_thread::yield();
          ++taken;
          --inside;
          CHECK(claim->release());
        }
      }
    });
  }
  for (std::thread& racer : racers) {
    racer.join();
  }
  CHECK(most == 1);
  CHECK(taken > 0);
}
