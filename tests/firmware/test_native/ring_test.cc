#include "hal/common/ring.h"

#include <gtest/gtest.h>

namespace hal {
namespace {

TEST(Ring, GivesBackInOrderAcrossItsEnd) {
  Ring<4> ring;
  char byte = 0;
  for (char next = 'a'; next < 'k'; ++next) {
    ASSERT_TRUE(ring.Push(next));
    ASSERT_TRUE(ring.Push(static_cast<char>(next + 32)));
    ASSERT_TRUE(ring.Pop(&byte));
    EXPECT_EQ(byte, next);
    ASSERT_TRUE(ring.Pop(&byte));
    EXPECT_EQ(byte, static_cast<char>(next + 32));
  }
  EXPECT_TRUE(ring.IsEmpty());
  EXPECT_FALSE(ring.Pop(&byte));
}

TEST(Ring, RefusesWhatDoesNotFit) {
  Ring<4> ring;
  EXPECT_TRUE(ring.Push('a') && ring.Push('b') && ring.Push('c'));
  EXPECT_TRUE(ring.IsFull());
  EXPECT_FALSE(ring.Push('d'));
  char byte = 0;
  ASSERT_TRUE(ring.Pop(&byte));
  EXPECT_EQ(byte, 'a');
}

}  // namespace
}  // namespace hal
