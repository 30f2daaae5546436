#include "s3_put.hpp"

#include "s3_text.hpp"

namespace toolkit::store {

Error write_error(const S3Answer& answer, std::string_view what) {
  if (answer.code == "BadDigest" || answer.code == "XAmzContentSHA256Mismatch") {
    return {ErrorKind::unavailable,
            std::string(what) + ": other bytes arrived than were read (" + answer.code + ")",
            {},
            0};
  }
  return error_of(answer, what);
}

Result<S3Answer> try_put(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                         S3Outlet& outlet, const net::HttpFields& fields) {
  S3Request request;
  request.what = place.cannot("write", target.key);
  request.method = "PUT";
  request.key = place.object(target.key);
  request.fields = fields;
  request.fields.emplace_back(kTimeField, time_text(target.mtime));
  S3Body body(outlet, 0, target.size);
  TRY_ASSIGN(const auto digests, body.attach(request, place.client->uses_tls(), true));
  TRY(outlet.content.confirm());  // other bytes than those that were hashed are refused
  auto answer = place.send(request);
  if (!answer || !answer->is_good()) {
    body.take_back();
    return answer;
  }
  if (!verdicts.confirms(bare_tag(answer->field("ETag")), digests.md5)) {
    body.take_back();
    return fail(ErrorKind::unavailable,
                request.what + ": its ETag is not the MD5 of what was sent");
  }
  return answer;
}

Result<void> put_in_one(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                        S3Outlet& outlet) {
  TRY_ASSIGN(const auto answer, try_put(place, verdicts, target, outlet, {}));
  return answer.is_good() ? Result<void>{}
                          : tl::unexpected(write_error(answer, place.cannot("write", target.key)));
}

}  // namespace toolkit::store
