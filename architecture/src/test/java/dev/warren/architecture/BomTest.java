package dev.warren.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The BOM has a list of its own: whoever imports it keeps the say over everything else. */
class BomTest {
  private static final String MANAGED = "/project/dependencyManagement/dependencies/dependency";

  private final Pom root = Pom.read(Pom.ROOT.resolve("pom.xml"));
  private final Pom bom = Pom.read(Pom.ROOT.resolve("bom/pom.xml"));

  @Test
  void itManagesWhatUsersAddAndNettyOnly() {
    assertThat(bom.all(MANAGED + "/artifactId"))
        .containsExactlyInAnyOrder(
            "warren-base",
            "warren-native-linux-x86_64",
            "warren-relay-client",
            "warren-magicsock",
            "warren-discovery",
            "warren-core",
            "warren-serving",
            "warren-relay-server",
            "warren-dns-server",
            "netty-bom");
  }

  @Test
  void itInheritsNothing() {
    assertThat(bom.all("/project/parent")).isEmpty();
  }

  @Test
  void itsVersionsAreThoseOfTheBuild() {
    assertThat(bom.one("/project/version")).isEqualTo(root.one("/project/version"));
    assertThat(bom.one("/project/properties/netty.version"))
        .isEqualTo(root.one("/project/properties/netty.version"));
  }
}
