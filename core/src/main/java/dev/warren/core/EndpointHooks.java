package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;

/**
 * Lets an application veto connections. Called on the callback executor or the dialling thread,
 * never on an event loop. They get facts, not the connection, so that a hook cannot keep one alive.
 */
public interface EndpointHooks {
  /** Accept, or reject with a code and a reason. */
  sealed interface Verdict {
    /** Go on. */
    record Accept() implements Verdict {}

    /**
     * Stop.
     *
     * @param code application code, 0 to 2^31-1
     * @param reason text for the peer and the error
     */
    record Reject(long code, String reason) implements Verdict {
      public Reject {
        Codes.check(code);
      }
    }

    static Verdict accept() {
      return new Accept();
    }

    static Verdict reject(long code, String reason) {
      return new Reject(code, reason);
    }
  }

  /**
   * A connection after its handshake.
   *
   * @param remoteId the proved id
   * @param alpn the protocol
   * @param dialled whether we dialled
   */
  record ConnectionInfo(NodeId remoteId, Alpn alpn, boolean dialled) {}

  /** Before a dial does anything. */
  default Verdict beforeConnect(NodeAddr addr, Alpn alpn) {
    return Verdict.accept();
  }

  /** After the identity was proved, before the application sees the connection. */
  default Verdict afterHandshake(ConnectionInfo connection) {
    return Verdict.accept();
  }
}
