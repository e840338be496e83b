package dev.warren.relay.server.logic;

/**
 * The life of a connection after its upgrade. Each method is an event and gives the state after it;
 * an event that a state does not expect changes nothing.
 *
 * <pre>
 * PROVING --shown--> VERIFYING --proved--> DECIDING --allowed--> RELAYING --ended--> ENDED
 *    |  `<--unproved--'  |                   |  `--ended--> ABANDONED --allowed, refused--> ENDED
 *    `--refused, ended---+--refused, ended   `--refused--> ENDED
 * </pre>
 */
public enum ConnectionState {
  /** It has not proved an id. */
  PROVING {
    @Override
    public ConnectionState onShown() {
      return VERIFYING;
    }

    @Override
    public ConnectionState onRefused() {
      return ENDED;
    }

    @Override
    public ConnectionState onEnded() {
      return ENDED;
    }
  },

  /** A proof that it has shown is being checked. */
  VERIFYING {
    @Override
    public ConnectionState onProved() {
      return DECIDING;
    }

    @Override
    public ConnectionState onUnproved() {
      return PROVING;
    }

    @Override
    public ConnectionState onRefused() {
      return ENDED;
    }

    @Override
    public ConnectionState onEnded() {
      return ENDED;
    }
  },

  /** Access control is asked. */
  DECIDING {
    @Override
    public ConnectionState onAllowed() {
      return RELAYING;
    }

    @Override
    public ConnectionState onRefused() {
      return ENDED;
    }

    @Override
    public ConnectionState onEnded() {
      return ABANDONED;
    }
  },

  /** It ended while access control was asked, which may yet allow it and must then hear of it. */
  ABANDONED {
    @Override
    public ConnectionState onAllowed() {
      return ENDED;
    }

    @Override
    public ConnectionState onRefused() {
      return ENDED;
    }
  },

  RELAYING {
    @Override
    public ConnectionState onEnded() {
      return ENDED;
    }
  },

  ENDED;

  /** It has shown what may be a proof. */
  public ConnectionState onShown() {
    return this;
  }

  public ConnectionState onProved() {
    return this;
  }

  /** It was none, and the client may show another. */
  public ConnectionState onUnproved() {
    return this;
  }

  public ConnectionState onAllowed() {
    return this;
  }

  public ConnectionState onRefused() {
    return this;
  }

  public ConnectionState onEnded() {
    return this;
  }

  /** Whether it is not yet let in, and the time of the handshake runs. */
  public boolean isHandshake() {
    return this == PROVING || isWaiting();
  }

  /** Whether it has nothing to say, since something about it is being found out. */
  public boolean isWaiting() {
    return this == VERIFYING || this == DECIDING;
  }
}
