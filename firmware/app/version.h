#pragma once

namespace app {

inline constexpr char kFirmwareVersion[] = "0.1.0";

}  // namespace app
