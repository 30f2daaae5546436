#include "src/sync/ownership.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>
#include <tests/support/wait_until.hpp>

#include <atomic>

using namespace toolkit;
using namespace toolkit::sync;
using namespace std::chrono_literals;
using support::MemoryStore;
using support::wait_until;

namespace {

class Deaf : public Observer {
 public:
  void on_file(const FileEvent&) override {}
  void on_problem(const std::string&, const Error&) override {}
  void on_retry(const std::string&, const Error&, Milliseconds) override {}
};

struct Place {
  Deaf deaf;
  Session session{Options{}, deaf};
  MemoryStore* store = nullptr;
  std::atomic<std::int64_t> minutes{0};  // that have passed beside the clock
  Ownership owner{1ms,
                  {.patience = Milliseconds(0),
                   .now =
                       [this] {
                         return std::chrono::steady_clock::now() +
                                std::chrono::minutes(minutes.load());
                       },
                   .sleep = nullptr}};

  Place() {
    session.options.transfer.retries = 0;
    auto made = std::make_unique<MemoryStore>();
    store = made.get();
    session.places.destination = std::move(made);
  }
  void go_away() {
    const Error away{ErrorKind::unavailable, "no route", "", 0};
    store->break_call(std::string("replace_if_same ") + kClaimName, away);
  }
};

}  // namespace

TEST_CASE("an outage ends nothing; nothing is written until the claim is known to be ours again") {
  Place place;
  REQUIRE(place.owner.take(place.session));
  CHECK(may_write(place.session));
  place.go_away();
  place.minutes = 5;
  CHECK(wait_until([&] { return !place.session.may_write; }));
  CHECK(may_write(place.session).error().kind == ErrorKind::unavailable);
  CHECK(place.owner.take(place.session).error().kind == ErrorKind::unavailable);
  CHECK_FALSE(place.session.halt.abandoned());
  place.store->mend();
  CHECK(wait_until([&] { return place.session.may_write.load(); }));
  CHECK(place.owner.take(place.session));
  CHECK(place.owner.give_back(place.session));
  CHECK(place.store->bytes_of(kClaimName).empty());
}

TEST_CASE("a claim that somebody else has taken meanwhile ends it all, and stays theirs") {
  Place place;
  REQUIRE(place.owner.take(place.session));
  place.store->add_file(kClaimName, "{\"schema\":\"toolkit.sync-claim/1\",\"token\":\"theirs\"}");
  CHECK(wait_until([&] { return place.session.halt.abandoned(); }));
  CHECK(place.owner.give_back(place.session).error().kind == ErrorKind::conflict);
  CHECK(place.store->holds(kClaimName));
}

TEST_CASE("a claim is given back also after the time was over") {
  Place place;
  REQUIRE(place.owner.take(place.session));
  place.session.halt.abandon();
  CHECK(place.owner.give_back(place.session));
  CHECK(place.store->bytes_of(kClaimName).empty());
}

TEST_CASE("a dry run claims nothing") {
  Place place;
  place.session.options.transfer.dry_run = true;
  CHECK(place.owner.take(place.session));
  CHECK(place.owner.give_back(place.session));
  CHECK(place.store->calls().empty());
}
