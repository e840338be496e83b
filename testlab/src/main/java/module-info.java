/** Support for tests: a manual clock, bounded awaiting, leak detection. */
module dev.warren.testlab {
  requires transitive org.junit.jupiter.api;
  requires transitive net.jqwik.api;
  requires io.netty.common;
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires jdk.management;
  requires static transitive org.jspecify;

  exports dev.warren.testlab;
  exports dev.warren.testlab.nat;
  exports dev.warren.testlab.sim;
}
