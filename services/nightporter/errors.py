"""Every error that Nightporter raises on purpose.

NightporterError
├── SettingsError       a setting is unknown or cannot be read
├── StoreError          the store refused, failed or cannot be reached
│   ├── StoreUnavailable    nobody answers, or the answer stopped half way
│   ├── StoreFull           the disk or the memory the store may use is used up
│   └── MigrationError      the schema cannot be brought up to date
├── ReceiverError       hosts cannot be enrolled, or the receiver cannot run
├── SimulationError     a farm cannot be simulated
├── ModelError          a model cannot be trained, loaded or trusted
├── NightError          a night cannot be run or reviewed
│   └── NightBusy           another process is running that night
├── ReviewError         a verdict, suppression or reveal is refused
└── AccountError        an account or its password is refused

The message is one plain sentence for the person at the terminal: what went wrong and what to do next.
"""


class NightporterError(Exception):
    """One plain sentence: cause and next step."""


class SettingsError(NightporterError):
    """A setting is unknown or cannot be read."""


class StoreError(NightporterError):
    """The store refused, failed or cannot be reached."""


class StoreUnavailable(StoreError):
    """Nobody answers, or the answer stopped half way."""


class StoreFull(StoreError):
    """The disk or the memory that the store may use is used up."""


class MigrationError(StoreError):
    """The schema cannot be brought up to date."""


class ReceiverError(NightporterError):
    """Hosts cannot be enrolled, or the receiver cannot run."""


class SimulationError(NightporterError):
    """A farm cannot be simulated."""


class ModelError(NightporterError):
    """A model cannot be trained, loaded or trusted."""


class NightError(NightporterError):
    """A night cannot be run or reviewed."""


class NightBusy(NightError):
    """Another process is running that night."""


class ReviewError(NightporterError):
    """A verdict, suppression or reveal is refused."""


class AccountError(NightporterError):
    """An account or its password is refused."""
