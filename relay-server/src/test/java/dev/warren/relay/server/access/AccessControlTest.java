package dev.warren.relay.server.access;

import static dev.warren.relay.server.access.Requests.allows;
import static dev.warren.relay.server.access.Requests.decide;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessControlTest {
  private static final NodeId LISTED = SecretKey.generate().nodeId();
  private static final NodeId OTHER = SecretKey.generate().nodeId();

  @Test
  void everyoneIsEveryone() {
    assertThat(allows(AccessControl.everyone(), Requests.of(OTHER))).isTrue();
  }

  @Test
  void anAllowListLetsInWhoIsOnIt() {
    AccessControl control = AccessControl.allowList(List.of(LISTED));
    assertThat(allows(control, Requests.of(LISTED))).isTrue();
    assertThat(decide(control, Requests.of(OTHER)))
        .isEqualTo(new AccessDecision.Deny("not authorized"));
  }

  @Test
  void aDenyListKeepsOutWhoIsOnIt() {
    AccessControl control = AccessControl.denyList(List.of(LISTED));
    assertThat(allows(control, Requests.of(LISTED))).isFalse();
    assertThat(allows(control, Requests.of(OTHER))).isTrue();
  }

  @Test
  void aListThatChangesLaterChangesNothing() {
    List<NodeId> nodes = new ArrayList<>(List.of(LISTED));
    AccessControl control = AccessControl.allowList(nodes);
    nodes.add(OTHER);
    assertThat(allows(control, Requests.of(OTHER))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"a, true", "bb, true", "b, false", "bbb, false", "A, false"})
  void anyOfTheSharedTokensWillDo(String token, boolean allowed) {
    AccessControl control = AccessControl.sharedTokens(List.of("a", "bb"));
    assertThat(allows(control, Requests.with("/relay", "Bearer " + token))).isEqualTo(allowed);
  }

  @Test
  void noTokenIsNotASharedToken() {
    AccessControl control = AccessControl.sharedTokens(List.of("a"));
    assertThat(allows(control, Requests.of(OTHER))).isFalse();
  }

  @Test
  void noneOrEmptySharedTokensAreRefused() {
    assertThatThrownBy(() -> AccessControl.sharedTokens(List.of()))
        .hasMessageContaining("name at least one");
    assertThatThrownBy(() -> AccessControl.sharedTokens(List.of("a", "")))
        .hasMessageContaining("is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret", "Bearer s3cret"})
  void aRequestInALogShowsNoToken(String header) {
    assertThat(Requests.with("/relay?token=s3cret", header).toString()).doesNotContain("s3cret");
  }

  @Test
  void aReasonIsCutToItsBound() {
    assertThat(((AccessDecision.Deny) AccessDecision.deny("x".repeat(70_000))).reason())
        .hasSize(AccessDecision.Deny.MAX_REASON);
  }

  // ---- both ----

  /** Counts who is in. */
  private static final class Counting implements AccessControl {
    final List<Long> in = new ArrayList<>();
    int asked;

    @Override
    public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
      asked++;
      in.add(request.connection());
      return CompletableFuture.completedStage(AccessDecision.allow());
    }

    @Override
    public void onDisconnect(NodeId node, long connection) {
      assertThat(in.remove(connection)).isTrue();
    }
  }

  @Test
  void ofTwoRulesNeitherMayDeny() {
    AccessControl list = AccessControl.allowList(List.of(Requests.NODE));
    AccessControl both = list.and(AccessControl.sharedTokens(List.of("t")));
    assertThat(allows(both, Requests.with("/relay", "Bearer t"))).isTrue();
    assertThat(allows(both, Requests.with("/relay", "Bearer u"))).isFalse();
    assertThat(allows(both, Requests.of(OTHER))).isFalse();
  }

  @Test
  void theSecondRuleIsNotAskedAfterADenial() {
    Counting second = new Counting();
    assertThat(allows(AccessControl.allowList(List.of()).and(second), Requests.of(OTHER)))
        .isFalse();
    assertThat(second.asked).isZero();
  }

  @Test
  void theFirstRuleHearsOfTheEndWhenTheSecondDenies() {
    Counting first = new Counting();
    assertThat(allows(first.and(AccessControl.allowList(List.of())), Requests.of(OTHER))).isFalse();
    assertThat(first.asked).isEqualTo(1);
    assertThat(first.in).isEmpty();
  }

  @Test
  void theFirstRuleHearsOfTheEndWhenTheSecondFails() {
    Counting first = new Counting();
    AccessControl failing =
        request -> {
          throw new IllegalStateException("broken");
        };
    assertThat(first.and(failing).onConnect(Requests.of(OTHER)).toCompletableFuture())
        .isCompletedExceptionally();
    assertThat(first.in).isEmpty();
  }

  @Test
  void bothRulesHearOfTheEndOnce() {
    Counting first = new Counting();
    Counting second = new Counting();
    AccessControl both = first.and(second);
    assertThat(allows(both, Requests.of(OTHER))).isTrue();
    both.onDisconnect(OTHER, 7);
    assertThat(first.in).isEmpty();
    assertThat(second.in).isEmpty();
  }
}
