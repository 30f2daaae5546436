#pragma once
// A whole object: in one request, or in parts that are sent side by side and survive us.

#include "s3_body.hpp"
#include "s3_parts.hpp"
#include "s3_probe.hpp"
#include "s3_xml.hpp"

namespace toolkit::store {

/// What an answer to a PUT means: other bytes arrived than were read is worth another try.
[[nodiscard]] Error write_error(const S3Answer& answer, std::string_view what);

/// [0, target.size) of the content in one PUT. `fields` come with it: conditions. Any final answer
/// is a result; what is stored is what was sent if it is good.
[[nodiscard]] Result<S3Answer> try_put(const S3Place& place, S3Verdicts& verdicts,
                                       const Target& target, S3Outlet& outlet,
                                       const net::HttpFields& fields);
/// The same without conditions; an answer that is no success is an error.
[[nodiscard]] Result<void> put_in_one(const S3Place& place, S3Verdicts& verdicts,
                                      const Target& target, S3Outlet& outlet);

/// Store::put() of large files. The memo: "1 PART_SIZE UPLOAD_ID".
[[nodiscard]] Result<void> put_in_parts(const S3Place& place, S3Verdicts& verdicts,
                                        const Target& target, S3Outlet& outlet, std::string& memo);

}  // namespace toolkit::store
