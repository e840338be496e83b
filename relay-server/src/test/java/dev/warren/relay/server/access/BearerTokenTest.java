package dev.warren.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
  private static Optional<String> find(String target, String... authorization) {
    return BearerToken.find(Map.of("authorization", List.of(authorization)), target);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer t0k", "bearer t0k", "BEARER t0k", "bEaReR t0k"})
  void theSchemeMayBeOfAnyCase(String header) {
    assertThat(find("/relay", header)).contains("t0k");
  }

  @Test
  void theFirstBearerHeaderCounts() {
    assertThat(find("/relay", "Basic eDp5", "Bearer one", "Bearer two")).contains("one");
  }

  @Test
  void allAfterTheFirstBlankIsTheToken() {
    assertThat(find("/relay", "Bearer a b")).contains("a b");
    assertThat(find("/relay", "Bearer  a")).contains(" a");
    assertThat(find("/relay", "Bearer ")).contains("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer", "Bearert", "Basic x", "Token t", ""})
  void anotherSchemeIsNoToken(String header) {
    assertThat(find("/relay", header)).isEmpty();
  }

  @Test
  void theHeaderGoesBeforeTheQuery() {
    assertThat(find("/relay?token=q", "Bearer h")).contains("h");
    assertThat(find("/relay?token=q", "Basic h")).contains("q");
    assertThat(find("/relay?token=q")).contains("q");
  }

  @Test
  void aHeaderThatIsNotPrintableAsciiMeansNoTokenAtAll() {
    assertThat(find("/relay?token=q", "Bearer \u00e9", "Bearer h")).isEmpty();
    assertThat(find("/relay?token=q", "Basic \u0001")).isEmpty();
    assertThat(find("/relay?token=q", "Bearer h", "Bearer \u00e9")).contains("h");
  }

  @ParameterizedTest
  @CsvSource({
    "/relay?token=a%20b, a b",
    "/relay?token=a+b, a b",
    "/relay?token=a%2Bb, a+b",
    "/relay?x=y&token=t&token=u, t",
    "/relay?token=a=b, a=b",
    "/relay?token=%C3%A9, \u00e9",
    "/relay?token=100%, 100%",
    "/relay?token=%4, %4",
    "/relay?token=%zz, %zz",
    "/relay?token=t#frag, t",
    "/relay?tokens=x&token=t, t",
    "/?token=a?b, a?b",
  })
  void theQueryIsDecoded(String target, String token) {
    assertThat(find(target)).contains(token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/relay", "/relay?", "/relay?Token=t", "/relay?xtoken=t", "token=t", ""})
  void aQueryWithoutATokenHasNone(String target) {
    assertThat(find(target)).isEmpty();
  }

  @Test
  void anEmptyParameterIsAnEmptyToken() {
    assertThat(find("/relay?token=")).contains("");
    assertThat(find("/relay?token")).contains("");
  }

  @Property(tries = 500)
  void noTargetAndNoHeaderMakesItThrow(@ForAll String target, @ForAll String header) {
    assertThat(find(target + "?token=" + target, header)).isNotNull();
  }
}
