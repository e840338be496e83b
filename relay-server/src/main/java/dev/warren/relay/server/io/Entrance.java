package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import dev.warren.relay.server.io.Authentication.Verdict;
import dev.warren.relay.server.logic.Admission;
import dev.warren.relay.server.logic.Refusal;
import dev.warren.serving.wire.HttpRequest;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How one connection is let in: it proves an id, the limits are looked at, access control is asked,
 * and it takes its place among the clients. Nothing of this is kept once it is in. Event loop only.
 */
final class Entrance {
  private final DataPlane plane;
  private final RelayClientConnection connection;
  private final HttpRequest request;
  private final Authentication authentication;

  Entrance(DataPlane plane, RelayClientConnection connection, HttpRequest request) {
    this.plane = plane;
    this.connection = connection;
    this.request = request;
    this.authentication = new Authentication(connection.dialect());
  }

  /**
   * The upgrade is done.
   *
   * @param header what checks the proof that came with it, if one did
   */
  void begin(Optional<Supplier<Verdict>> header) {
    if (header.isPresent()) {
      check(
          header.get(),
          verdict -> {
            if (verdict.malformed()) {
              plane.counters().refusedSignature.increment();
              connection.refuse(0, null);
            } else {
              connection.onUnproved();
              challenge();
            }
          });
    } else {
      challenge();
    }
  }

  private void challenge() {
    authentication.challenge().ifPresent(c -> connection.say(RelayFrames.CHALLENGE, c));
  }

  void onFrame(int type, ByteBuf buffer, int at, int length) {
    Optional<byte[]> proof = authentication.proof(type, buffer, at, length);
    if (proof.isPresent()) {
      check(() -> authentication.verify(proof.get()), verdict -> refuseSignature());
    } else {
      refuseSignature();
    }
  }

  private void refuseSignature() {
    plane.counters().refusedSignature.increment();
    connection.refuse(RelayFrames.DENIED, isLegacy() ? null : denial("signature invalid"));
  }

  /** Goes on when it proves an id; else {@code otherwise}, unless the connection has ended. */
  private void check(Supplier<Verdict> proof, Consumer<Verdict> otherwise) {
    connection.onShown();
    boolean checked =
        plane
            .proofs()
            .check(
                connection.context(),
                proof,
                verdict -> {
                  if (!connection.isVerifying()) {
                    return;
                  }
                  if (verdict.id() != null) {
                    onProved(verdict.id());
                  } else {
                    otherwise.accept(verdict);
                  }
                });
    if (!checked) {
      refuse(Refusal.PROOFS);
    }
  }

  private boolean isLegacy() {
    return connection.dialect().isLegacy();
  }

  private void onProved(NodeId id) {
    connection.onProved(id);
    Admission.Connection place = plane.placeOf(connection.context().channel());
    Refusal refusal = place.authenticated(id, connection.now());
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    AccessRequest asked =
        AccessRequest.of(
            connection.number(),
            id,
            connection.dialect().protocol(),
            request.target(),
            request.headers(),
            connection.remote());
    AccessControl access = plane.access();
    access
        .onConnect(asked)
        .whenComplete((decision, failure) -> onLoop(access, id, place, decision, failure));
  }

  private void onLoop(
      AccessControl access,
      NodeId id,
      Admission.Connection place,
      @Nullable AccessDecision decision,
      @Nullable Throwable failure) {
    boolean allowed = failure == null && decision instanceof AccessDecision.Allow;
    String reason =
        decision instanceof AccessDecision.Deny deny
            ? deny.reason()
            : AccessDecision.NOT_AUTHORIZED;
    Runnable decided =
        () -> {
          if (!allowed) {
            onDenied(reason);
          } else if (!letIn(place)) {
            access.onDisconnect(id, connection.number());
          }
        };
    try {
      if (connection.context().executor().inEventLoop()) {
        decided.run();
      } else {
        connection.context().executor().execute(decided);
      }
    } catch (RejectedExecutionException closing) {
      if (allowed) {
        access.onDisconnect(id, connection.number());
      }
    }
  }

  private boolean letIn(Admission.Connection place) {
    if (!connection.isDeciding()) {
      return connection.onAllowed();
    }
    if (plane.isDraining()) {
      plane.counters().refusedDraining.increment();
      connection.turnAway("this relay is going away");
      return false;
    }
    Refusal refusal = place.established();
    if (refusal != null) {
      refuse(refusal);
      return false;
    }
    return connection.onAllowed();
  }

  private void onDenied(String reason) {
    if (connection.isDeciding()) {
      plane.counters().refusedAccess.increment();
      if (isLegacy()) {
        // What upstream says, word for word: there is no other sign of a refusal.
        byte[] text = LegacyFrames.NOT_AUTHENTICATED.getBytes(StandardCharsets.UTF_8);
        connection.refuse(LegacyFrames.HEALTH, text);
      } else {
        connection.refuse(RelayFrames.DENIED, denial(reason));
      }
    } else {
      connection.refuse(0, null);
    }
  }

  private void refuse(Refusal refusal) {
    plane.counters().onRefused(refusal);
    connection.turnAway(refusal.reason());
  }

  /** The payload of a Denied frame. */
  private static byte[] denial(String reason) {
    byte[] frame = Handshake.denied(reason);
    return Arrays.copyOfRange(frame, 1, frame.length);
  }
}
