#include "app/device.h"
#include "hal/board.h"

int main() {
  hal::StartBoard();
  app::Device device;
  for (;;) {
    if (device.Capture() && device.Classify()) device.Report();
    device.Listen();
    device.SleepUntilDue();
  }
}
