int readn(void);
