/** Support for tests: a manual clock, bounded awaiting, leak detection. */
module dev.warren.testlab {
  requires transitive org.junit.jupiter.api;
  requires transitive net.jqwik.api;
  requires io.netty.common;
  requires jdk.management;
  requires static transitive org.jspecify;

  exports dev.warren.testlab;
}
