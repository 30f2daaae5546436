#include "pass.hpp"

#include "crew.hpp"
#include "growing_file.hpp"
#include "look_ahead.hpp"
#include "rule_reader.hpp"
#include "visit.hpp"

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

class Pass {
 public:
  Pass(Session& session, const PassOptions& options)
      : session_(session),
        options_(options),
        crew_(session, options),
        visitor_(session, options, crew_) {}

  Result<void> run() {
    session_.held.begin_walk();
    const Result<void> walked = walk_all();
    crew_.finish();
    if (walked && !session_.halt.ending()) {
      finish_missed();
    }
    return walked;
  }

 private:
  Result<void> walk_all() {
    for (Source& source : session_.places.sources) {
      if (is_here(source)) {
        TRY(walk(source));
      }
    }
    return {};
  }

  // Who follows may be there before the source is; at the end it must have come.
  bool is_here(Source& source) {
    if (options_.seen == nullptr || options_.last || !source.only.empty()) {
      return true;
    }
    const auto listed = source.store->list("");
    return listed || listed.error().kind != ErrorKind::not_found;
  }

  Result<void> walk(Source& source) {
    RuleFiles rule_files(source.store.get(), session_.options.store.get_env);
    const auto walk = selection::Walk::of(*source.store, *session_.filter, rule_files,
                                          walk_options(source, session_.options.selection));
    if (session_.options.transfer.dry_run) {
      walk->tell = [this](const selection::LeftOut& left_out) {
        session_.tally.file({Action::left_out, left_out.key, 0, left_out.why});
      };
    }
    // A dry run tells things in their order.
    LookAhead ahead(*walk, !session_.options.transfer.dry_run);
    while (!session_.halt.ending()) {
      auto next = ahead.next();
      if (!next) {
        session_.tally.problem("", next.error());
        continue;
      }
      std::optional<selection::Directory>& directory = *next;
      if (!directory) {
        return {};
      }
      TRY(visitor_.visit(source, std::move(*directory)));
    }
    if (session_.halt.abandoned()) {  // nobody knows what else there is
      session_.tally.problem("", {ErrorKind::interrupted,
                                  fmt::format("the time was over before all of {} was looked at",
                                              source.store->name_of(source.only)),
                                  "", 0});
    }
    return {};
  }

  // Files that were deleted, or renamed to a name that is left out: what they got last.
  void finish_missed() {
    for (Held::File& file : session_.held.take_missed()) {
      const auto looked = file.task.source->stat(file.task.open_by);
      if (!looked) {  // it cannot be seen whether it is gone
        session_.held.keep(std::move(file));
        continue;
      }
      const std::optional<store::Entry>& there = *looked;
      if (!there || there->identity != file.content->entry().identity) {
        finish_old(session_, std::move(file));
      }
    }
  }

  Session& session_;
  const PassOptions& options_;
  Crew crew_;
  Visitor visitor_;
};

}  // namespace

Result<void> run_pass(Session& session, const PassOptions& options) {
  return Pass(session, options).run();
}

}  // namespace toolkit::sync
