#include "s3_multipart.hpp"
#include "s3_put.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::store {
namespace {

struct Memo {
  std::uint64_t part_size = 0;
  std::string id;
};

std::string memo_text(const Memo& memo) { return fmt::format("1 {} {}", memo.part_size, memo.id); }

std::optional<Memo> parse_memo(std::string_view text) {
  const auto words = split(text, ' ');
  const auto part_size =
      words.size() == 3 && words[0] == "1" ? parse_whole(words[1]) : std::nullopt;
  if (!part_size || *part_size < 1 || words[2].empty()) {
    return std::nullopt;
  }
  return Memo{static_cast<std::uint64_t>(*part_size), std::string(words[2])};
}

// An upload with what has arrived of it.
struct Begun {
  S3Multipart upload;
  std::vector<PlannedPart> plan;
  std::vector<S3Part> there;
};

// The upload of the memo, if it is still there and its parts can be those of a file of this size.
Result<std::optional<Begun>> resume(const S3Place& place, const Target& target,
                                    const std::string& memo) {
  const auto parsed = parse_memo(memo);
  if (!parsed) {
    return std::nullopt;
  }
  const S3Multipart upload(place, target.key, parsed->id);
  TRY_ASSIGN(auto there, upload.list());
  if (!there) {
    return std::nullopt;
  }
  auto plan = plan_upload(target.size, parsed->part_size);
  if (!plan) {  // it has grown so much since
    upload.abort();
    return std::nullopt;
  }
  return Begun{upload, std::move(*plan), std::move(*there)};
}

Result<Begun> begin(const S3Place& place, const Target& target, std::string& memo) {
  TRY_ASSIGN(auto resumed, resume(place, target, memo));
  if (resumed) {
    return std::move(*resumed);
  }
  const std::uint64_t part_size = part_size_for(target.size);
  TRY_ASSIGN(auto plan, plan_upload(target.size, part_size));
  abort_old_uploads(place, target.key);
  TRY_ASSIGN(const auto upload, S3Multipart::start(place, target.key, target.mtime));
  memo = memo_text({part_size, upload.id()});
  return Begun{upload, std::move(plan), {}};
}

}  // namespace

Result<void> put_in_parts(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                          S3Outlet& outlet, std::string& memo) {
  TRY_ASSIGN(const Begun begun, begin(place, target, memo));
  const auto parts = begun.upload.send(begun.plan, begun.there, outlet, {});
  auto done = parts ? outlet.content.confirm() : Result<void>(tl::unexpected(parts.error()));
  done = done ? begun.upload.complete(*parts, target.size, verdicts) : std::move(done);
  if (done) {
    memo.clear();
    return {};
  }
  // What a later try can go on with stays; what it cannot, is taken away.
  const ErrorKind kind = done.error().kind;
  if (kind != ErrorKind::unavailable && kind != ErrorKind::interrupted) {
    begun.upload.abort();
    memo.clear();
  }
  return done;
}

}  // namespace toolkit::store
